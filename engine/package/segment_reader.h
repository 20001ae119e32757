// SegmentReader reads the files of a CMAF track back into samples. Any bytes may be given: what is not whole
// is a failure (internal), never a crash. Safe to use from several threads once it is open.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/pipeline/av.h"
#include "engine/plan/hdr_metadata.h"

namespace millrace::engine {

struct BoxView;

// One sample inside the segment's bytes, which it does not own. Times in ticks of the track, the shift taken
// off.
struct SampleView {
  std::string_view data;
  std::int64_t pts = 0;
  std::int64_t dts = 0;
  std::int64_t duration = 0;
  bool key = false;
};

class SegmentReader {
 public:
  // Of the bytes of an init segment with one track and at most one edit.
  static Result<SegmentReader> open(std::string_view init);

  // With what decoders and muxers need and MP4 says elsewhere: the pixel format, the samples of a frame of
  // sound.
  const AVCodecParameters& parameters() const { return *parameters_; }
  const HdrMetadata& hdr() const { return hdr_; }            // pictures
  const std::string& language() const { return language_; }  // empty: und
  std::int64_t timescale() const { return timescale_; }
  std::int64_t shift() const { return shift_; }

  // The samples of a whole media segment in decoding order, at least one. Every byte of its mdat belongs to a
  // sample.
  Result<std::vector<SampleView>> samples(std::string_view segment) const;

 private:
  SegmentReader() = default;
  Status read_movie(std::string_view init);
  Status read_fragment(std::string_view segment, const BoxView& moof, std::string_view mdat,
                       std::vector<SampleView>& samples) const;

  ParametersPtr parameters_;
  HdrMetadata hdr_;
  std::string language_;
  std::int64_t timescale_ = 0;
  std::int64_t shift_ = 0;
  std::uint32_t track_id_ = 0;
  std::uint32_t default_duration_ = 0;
  std::uint32_t default_size_ = 0;
  std::uint32_t default_flags_ = 0;
};

}  // namespace millrace::engine
