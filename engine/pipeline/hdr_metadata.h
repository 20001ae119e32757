// HDR metadata between FFmpeg's side data and the plan's text. Pure but for the stream that is given.
#pragma once

extern "C" {
#include <libavutil/mastering_display_metadata.h>
}

#include <memory>

#include "engine/base/status.h"
#include "engine/pipeline/av.h"
#include "engine/plan/hdr_metadata.h"

namespace millrace::engine {

// What a decoded frame says, and what a container says of a whole track. Fields that are not said, or only in
// part, stay empty.
HdrMetadata hdr_metadata_of(const AVFrame& frame);
HdrMetadata hdr_metadata_of(const AVStream& stream);

// Puts it onto a track that is to be written: MP4 and Matroska have places for it. invalid_argument for texts
// that are none.
Status set_hdr_metadata(AVStream& stream, const HdrMetadata& hdr);

struct AvFree {
  void operator()(void* memory) const { av_free(memory); }
};
using MasteringDisplayPtr = std::unique_ptr<AVMasteringDisplayMetadata, AvFree>;

// The texts' numbers. invalid_argument for texts that are none.
Result<MasteringDisplayPtr> mastering_display_of(const std::string& text);
struct ContentLight {
  unsigned brightest_pixel = 0;  // cd/m2
  unsigned brightest_average = 0;
};
Result<ContentLight> content_light_of(const std::string& text);

}  // namespace millrace::engine
