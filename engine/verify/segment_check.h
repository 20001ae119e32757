// Decodes one finished segment and says what is in it. One call at a time per object; keep the
// object for a whole track, it reuses its decoder.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::engine {

struct SegmentFacts {
  std::int64_t frames = 0;     // frames (video) that are stored, or samples (sound) that a decoder gave
  std::int64_t first_pts = 0;  // as presented: ticks of the track, shift taken off
  std::int64_t last_pts = 0;
  bool opens_with_idr = false;
};

// What has to come out of the decoder: every frame, or of pictures those that need no others. All else is
// held against what the segment says of it in either case.
enum class DecodeDepth { every_frame, key_frames };

// Where one segment of `every` is decoded in full: by its index from 0. Not the first: somebody waits for it.
inline DecodeDepth depth_of_check(std::int64_t index, std::int64_t every) {
  return index % every == 1 % every ? DecodeDepth::every_frame : DecodeDepth::key_frames;
}

class SegmentCheck {
 public:
  // `init` and the segments are the bytes of the files. `threads` of the decoder, where it has more than one.
  static Result<std::unique_ptr<SegmentCheck>> open(std::string_view init, int threads = 1);
  virtual ~SegmentCheck() = default;
  // internal when the segment does not decode without an error. Of sound every frame decodes.
  virtual Result<SegmentFacts> check(std::string_view segment,
                                     DecodeDepth depth = DecodeDepth::every_frame) = 0;
};

}  // namespace millrace::engine
