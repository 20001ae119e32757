// What a source needs before its ladder: one colour and pixel layout, upright, square pixels, even sides,
// whole frames. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/ladder.h"
#include "engine/plan/plan.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// FFmpeg's names.
struct PictureColours {
  std::string matrix;
  std::string primaries;
  std::string transfer;
  bool operator==(const PictureColours&) const = default;
};

struct NormalisedPicture {
  std::vector<Normalisation> steps;  // in the order they run; empty: nothing is to be done
  PictureSize size;                  // what comes out, even
  PictureColours colours;            // of what comes out
};

// The steps: colours (the tags that the source leaves out) -> deinterlace -> rotate -> square_pixels or
// even_size -> tone_map or pixel_format. After them every picture is yuv420p, limited range, SDR; with
// `keep_hdr`, which only an HDR track may ask for, yuv420p10le, limited range, in the track's own colours.
// corrupt_input when the track has no size.
Result<NormalisedPicture> normalise(const VideoTrack& track, bool keep_hdr = false);

// What the track says, with what players take for the parts that it leaves out: the company of what it says,
// else by the picture's size.
PictureColours colours_of(const VideoTrack& track);

// zimg reads its pictures without a conversion before it.
bool is_planar_yuv(const VideoTrack& track);

// A bicubic for zscale, between Catmull-Rom and B-spline, that keeps edges without ringing.
inline constexpr const char* kBicubic = "filter=bicubic:param_a=0:param_b=0.6";

// Whether its samples use all codes, by its tags or by its format's name.
bool is_full_range(const VideoTrack& track);

// What normalise() makes of the picture's size: upright, with square pixels and even sides. {0, 0} for a
// track without a size.
PictureSize shown_size(const VideoTrack& track);

// Whether its pixel format is one that zscale reads without a conversion before it.
bool is_planar_yuv(const VideoTrack& track);

// What a plan's steps make of the colours of its pictures.
enum class ColourChange {
  none,
  range,  // limited range; matrix, primaries and transfer stay
  bt709,  // limited range, SDR, BT.709
};
ColourChange colour_change(const Plan& plan);

// libavfilter text that turns a picture clockwise (0, 90, 180, 270 degrees) and then mirrors it left to
// right; empty: nothing is to be done.
std::string turning_filter(int rotation_degrees, bool mirrored);

// The chain for stills of the job's source, which are SDR also where its renditions keep HDR; empty: none is
// needed.
std::string still_filter(const Plan& plan);

}  // namespace millrace::engine
