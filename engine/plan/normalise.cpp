#include "engine/plan/normalise.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "engine/plan/dynamic_range.h"

namespace millrace::engine {
namespace {

constexpr int kLongestSide = 16'384;
constexpr const char* kUnknown = "unknown";
constexpr const char* kSwscale = "flags=bicubic+accurate_rnd+full_chroma_int";

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> openings) {
  return std::any_of(openings.begin(), openings.end(),
                     [&](std::string_view each) { return text.starts_with(each); });
}

bool is_rgb(const VideoTrack& track) {
  return starts_with_any(track.pixel_format, {"rgb", "bgr", "argb", "abgr", "0rgb", "0bgr", "gbr", "x2rgb",
                                              "x2bgr", "pal8", "bayer"});
}

const PictureColours kSd{"smpte170m", "smpte170m", "smpte170m"};
const PictureColours kHd{"bt709", "bt709", "bt709"};
const PictureColours kWide{"bt2020nc", "bt2020", "bt2020-10"};

// What players take for what the source leaves out: the company of what it says, else what Dolby Vision's
// profile says of the base picture (SDR's is BT.709), else by the picture's size.
PictureColours likely_colours(const VideoTrack& track) {
  if (is_hdr(track) || track.color_matrix.starts_with("bt2020") || track.color_primaries == "bt2020")
    return kWide;
  const std::string& said = track.color_matrix != kUnknown ? track.color_matrix : track.color_primaries;
  if (said == "bt709") return kHd;
  if (said == "smpte170m" || said == "bt470bg") return kSd;
  if (transfer_by_dolby_vision(track)) return kHd;
  const bool large =
      std::min(track.width, track.height) >= 720 || std::max(track.width, track.height) >= 1280;
  return large ? kHd : kSd;
}

void tag_colours(const VideoTrack& track, std::vector<Normalisation>& steps) {
  const PictureColours likely = likely_colours(track);
  std::vector<std::string> tags;
  if (track.color_range == kUnknown && !is_rgb(track)) tags.push_back("range=limited");
  if (track.color_matrix == kUnknown && !is_rgb(track))
    tags.push_back(fmt::format("colorspace={}", likely.matrix));
  if (track.color_primaries == kUnknown) tags.push_back(fmt::format("color_primaries={}", likely.primaries));
  if (track.color_transfer == kUnknown)
    tags.push_back(fmt::format("color_trc={}", is_hdr(track) ? transfer_of(track) : likely.transfer));
  if (tags.empty()) return;
  const std::string taken =
      transfer_by_dolby_vision(track)
          ? fmt::format("the base picture of Dolby Vision profile {} is {}, in {}", track.dolby_vision,
                        transfer_of(track), likely.matrix)
          : fmt::format("a picture of {}x{} is taken as {}", track.width, track.height, likely.matrix);
  steps.push_back({"colours", fmt::format("setparams={}", fmt::join(tags, ":")),
                   "the source leaves out a part of its colours; " + taken});
}

// bwdif leaves frames alone that are marked progressive, unless the marks are known to be wrong.
void deinterlace(const VideoTrack& track, std::vector<Normalisation>& steps) {
  if (!track.interlaced) return;
  const bool top_first = track.top_field_first;
  const bool marked = track.scan_note.empty();
  std::string reason = fmt::format("the source is interlaced, {} field first", top_first ? "top" : "bottom");
  reason += marked ? "; frames marked progressive stay as they are" : ": " + track.scan_note;
  steps.push_back({"deinterlace",
                   marked
                       ? std::string("bwdif=mode=send_frame:deint=interlaced")
                       : fmt::format("bwdif=mode=send_frame:parity={}:deint=all", top_first ? "tff" : "bff"),
                   reason});
}

// The picture's size and the shape of its pixels, as the steps change them.
struct Shape {
  int width = 0;
  int height = 0;
  Rational aspect{1, 1};
  bool turned = false;  // by a quarter: what were lines are columns now
};

void rotate(const VideoTrack& track, Shape& shape, std::vector<Normalisation>& steps) {
  const std::string filter = turning_filter(track.rotation_degrees, track.mirrored);
  if (filter.empty()) return;
  shape.turned = track.rotation_degrees % 180 != 0;
  if (shape.turned) {
    std::swap(shape.width, shape.height);
    std::swap(shape.aspect.numerator, shape.aspect.denominator);
  }
  steps.push_back({"rotate", filter,
                   fmt::format("its display matrix turns the picture by {} degrees{}", track.rotation_degrees,
                               track.mirrored ? " and mirrors it" : "")});
}

int even_near(double side) { return std::max(2, static_cast<int>(std::lround(side / 2)) * 2); }
int even_below(int side) { return std::max(2, side - side % 2); }

// Lines stay lines: the side along the rows is the one that is stretched.
void square_pixels(const VideoTrack& track, Shape& shape, std::vector<Normalisation>& steps) {
  const bool square = !shape.aspect.known() || shape.aspect == Rational{1, 1};
  const double aspect = square ? 1 : shape.aspect.as_double();
  int width = even_below(shape.width);
  int height = even_below(shape.height);
  if (!square && shape.turned) height = even_near(shape.height / aspect);
  if (!square && !shape.turned) width = even_near(shape.width * aspect);
  if (std::max(width, height) > kLongestSide) {
    width = even_below(shape.width);
    height = even_below(shape.height);
  }
  const bool odd = shape.width % 2 != 0 || shape.height % 2 != 0;
  const bool same = width == shape.width && height == shape.height;
  if (square && odd) {
    // zscale and H.264 want even sides with 4:2:0; a column less keeps the picture sharp.
    steps.push_back({"even_size", fmt::format("crop=w={}:h={}:x=0:y=0", width, height),
                     fmt::format("a picture of {}x{} has an odd side", shape.width, shape.height)});
  } else if (!square) {
    const std::string scale = odd || !is_planar_yuv(track)
                                  ? fmt::format("scale=w={}:h={}:{},", width, height, kSwscale)
                                  : fmt::format("zscale=w={}:h={}:{},", width, height, kBicubic);
    steps.push_back({"square_pixels", (same ? "" : scale) + "setsar=1",
                     fmt::format("its pixels are {}:{}, shown as {}x{}", track.sample_aspect.numerator,
                                 track.sample_aspect.denominator, width, height)});
  }
  shape.width = width;
  shape.height = height;
}

void tone_map(const VideoTrack& track, std::vector<Normalisation>& steps) {
  steps.push_back({"tone_map",
                   "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
                   "zscale=t=bt709:m=bt709:r=limited:d=error_diffusion,format=yuv420p",
                   fmt::format("{} is HDR; the renditions are SDR, BT.709",
                               transfer_of(track) == "smpte2084" ? "PQ (smpte2084)" : "HLG (arib-std-b67)")});
}

// Transparent parts become black; the colours under them are often rubbish.
std::string flattened(const VideoTrack& track) { return track.has_alpha ? "premultiply=inplace=1," : ""; }

void ten_bits(const VideoTrack& track, std::vector<Normalisation>& steps) {
  const std::string& format = track.pixel_format;
  const bool full = is_full_range(track);
  if (format == "yuv420p10le" && !full) return;
  const std::string convert =
      is_planar_yuv(track) ? fmt::format("zscale=r=limited:d=error_diffusion:{},format=yuv420p10le", kBicubic)
                           : fmt::format(
                                 "scale=out_color_matrix=bt2020:out_range=limited:{},format=yuv420p10le,"
                                 "setparams=range=limited:colorspace=bt2020nc",
                                 kSwscale);
  steps.push_back({"pixel_format", flattened(track) + convert,
                   fmt::format("{}{} becomes yuv420p10le of limited range; its HDR is kept", format,
                               full ? ", full range" : "")});
}

// Colours that SDR pictures keep; others become BT.709.
bool is_plain(const VideoTrack& track) {
  constexpr std::array kPlain = {"bt709", "smpte170m", "bt470bg", "fcc", "smpte240m", kUnknown};
  return std::find(kPlain.begin(), kPlain.end(), track.color_matrix) != kPlain.end() &&
         track.color_primaries != "bt2020";
}

PictureColours colours_after(const VideoTrack& track, bool keep_hdr) {
  PictureColours colours = colours_of(track);
  const bool planar = is_planar_yuv(track);
  if (is_hdr(track) && keep_hdr) {
    if (!planar) colours.matrix = "bt2020nc";
    return colours;
  }
  if (is_hdr(track) || (planar && !is_plain(track))) return kHd;
  if (!planar) colours.matrix = "bt709";
  return colours;
}

void pixel_format(const VideoTrack& track, std::vector<Normalisation>& steps) {
  const std::string& format = track.pixel_format;
  const std::string flat = flattened(track);
  if (!is_planar_yuv(track)) {
    steps.push_back({"pixel_format",
                     flat + fmt::format("scale=out_color_matrix=bt709:out_range=limited:{},format=yuv420p,"
                                        "setparams=range=limited:colorspace=bt709",
                                        kSwscale),
                     fmt::format("{} becomes yuv420p, BT.709", format)});
    return;
  }
  const bool plain = is_plain(track);
  const bool full = is_full_range(track);
  if (format == "yuv420p" && plain && !full) return;
  steps.push_back(
      {"pixel_format",
       flat + fmt::format("zscale={}r=limited:d=error_diffusion:{},format=yuv420p",
                          plain ? "" : "m=bt709:p=bt709:t=bt709:", kBicubic),
       fmt::format("{}{}{} becomes yuv420p of limited range{}", format, full ? ", full range" : "",
                   plain ? "" : fmt::format(", {}/{}", track.color_matrix, track.color_primaries),
                   plain ? "" : ", BT.709")});
}

}  // namespace

bool is_planar_yuv(const VideoTrack& track) {
  return starts_with_any(track.pixel_format, {"yuv4", "yuvj4", "yuva4"});
}

bool is_full_range(const VideoTrack& track) {
  return track.color_range == "pc" || track.pixel_format.starts_with("yuvj");
}

PictureColours colours_of(const VideoTrack& track) {
  PictureColours colours = likely_colours(track);
  if (track.color_matrix != kUnknown) colours.matrix = track.color_matrix;
  if (track.color_primaries != kUnknown) colours.primaries = track.color_primaries;
  if (transfer_of(track) != kUnknown) colours.transfer = transfer_of(track);
  return colours;
}

ColourChange colour_change(const Plan& plan) {
  for (const Normalisation& step : plan.normalisations) {
    if (step.name == "tone_map") return ColourChange::bt709;
    if (step.name == "pixel_format")
      return step.filter.find("m=bt709") != std::string::npos ? ColourChange::bt709 : ColourChange::range;
  }
  return ColourChange::none;
}

std::string turning_filter(int rotation_degrees, bool mirrored) {
  std::vector<std::string> filters;
  if (rotation_degrees == 90) filters.push_back("transpose=clock");
  if (rotation_degrees == 180) filters.insert(filters.end(), {"hflip", "vflip"});
  if (rotation_degrees == 270) filters.push_back("transpose=cclock");
  if (mirrored) filters.push_back("hflip");
  return fmt::format("{}", fmt::join(filters, ","));
}

Result<NormalisedPicture> normalise(const VideoTrack& track, bool keep_hdr) {
  if (track.width <= 0 || track.height <= 0)
    return Status(Code::corrupt_input, fmt::format("video track {} has no picture size", track.index));
  NormalisedPicture picture;
  Shape shape{track.width, track.height, track.sample_aspect, false};
  tag_colours(track, picture.steps);
  deinterlace(track, picture.steps);
  rotate(track, shape, picture.steps);
  square_pixels(track, shape, picture.steps);
  if (keep_hdr && is_hdr(track)) {
    ten_bits(track, picture.steps);
  } else if (is_hdr(track)) {
    tone_map(track, picture.steps);
  } else {
    pixel_format(track, picture.steps);
  }
  picture.size = {shape.width, shape.height};
  picture.colours = colours_after(track, keep_hdr);
  return picture;
}

PictureSize shown_size(const VideoTrack& track) {
  const Result<NormalisedPicture> picture = normalise(track);
  return picture.ok() ? picture->size : PictureSize();
}

std::string still_filter(const Plan& plan) {
  Plan stills;
  if (const VideoTrack* video = plan.source.main_video())
    if (const Result<NormalisedPicture> picture = normalise(*video); picture.ok())
      stills.normalisations = picture->steps;
  return stills.normalise_filter();
}

}  // namespace millrace::engine
