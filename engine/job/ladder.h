// Ladder: which renditions a source gets. Pure functions.
#pragma once

#include <vector>

#include "engine/base/rational.h"
#include "engine/base/status.h"
#include "engine/job/job_spec.h"

namespace millrace::engine {

struct PictureSize {
  int width = 0;
  int height = 0;
};
inline bool operator==(const PictureSize& a, const PictureSize& b) {
  return a.width == b.width && a.height == b.height;
}

// The auto ladder for a picture (after normalisation) and its rate: 1080p 5M, 720p 2.8M, 480p 1.4M, 360p 0.8M
// at up to 30 fps, 1.5 x for more; rungs above the shorter side are left out. A source below 360p gets one
// rung of its own (even) size with bits in proportion to its area. Largest first.
std::vector<Rung> auto_ladder(PictureSize picture, const Rational& frame_rate);

// Bits for one height on the auto ladder's curve, for any height.
std::int64_t auto_bits_per_second(int height, const Rational& frame_rate);

// An explicit ladder against the picture: rungs without a bitrate get the auto one; a rung above the picture
// is refused
// ("1080p: the source is 1280x720; remove it"), so are two rungs of one height. Sorted largest first.
Result<std::vector<Rung>> checked_ladder(std::vector<Rung> asked, PictureSize picture,
                                         const Rational& frame_rate);

// The size of a rung: its height is the shorter side of the picture, the other side follows the shape; both
// even.
PictureSize rung_size(int height, PictureSize picture);

// "720p" of a rung.
std::string rung_name(const Rung& rung);

}  // namespace millrace::engine
