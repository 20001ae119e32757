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

// The share of H.264's bits that another codec gets on the auto ladder; above 1 for Theora. Where from:
// README.
double bits_beside_h264(VideoCodec codec);

// The auto ladder for a picture (after normalisation) and its rate: 1080p 5M, 720p 2.8M, 480p 1.4M, 360p 0.8M
// at up to 30 fps, 1.5 x for more, times bits_beside_h264; rungs above the shorter side are left out. A
// source below 360p gets one rung of its own (even) size with bits in proportion to its area. Largest first.
std::vector<Rung> auto_ladder(PictureSize picture, const Rational& frame_rate,
                              VideoCodec codec = VideoCodec::h264);

// Bits for one height on the auto ladder's curve, for any height.
std::int64_t auto_bits_per_second(int height, const Rational& frame_rate,
                                  VideoCodec codec = VideoCodec::h264);

// An explicit ladder against the picture: a rung without a bitrate gets the auto one of its codec (`codec`
// where it names none), held under its max_bits_per_second; beside a quality that is an estimate. A rung
// above the picture is refused ("1080p: the source is 1280x720; remove it"), so are two rungs of one height.
// Sorted largest first.
Result<std::vector<Rung>> checked_ladder(std::vector<Rung> asked, PictureSize picture,
                                         const Rational& frame_rate, VideoCodec codec = VideoCodec::h264);

// The size of a rung: its height is the shorter side of the picture, the other side follows the shape; both
// even.
PictureSize rung_size(int height, PictureSize picture);

// "720p" of a rung.
std::string rung_name(const Rung& rung);

}  // namespace millrace::engine
