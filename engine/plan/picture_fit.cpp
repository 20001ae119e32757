#include "engine/plan/picture_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "engine/plan/dynamic_range.h"
#include "engine/plan/normalise.h"

namespace millrace::engine {
namespace {

// Diffuse white of SDR among HDR pictures, in cd/m2 (BT.2408).
constexpr int kWhite = 203;
// Too small for a deinterlacer.
constexpr int kFewestLines = 16;

bool is_unknown(std::string_view name) { return name == "unknown" || name.empty(); }

bool differs(std::string_view planned, std::string_view now) {
  return !is_unknown(now) && !is_unknown(planned) && planned != now;
}

std::string range_of(const VideoTrack& track) {
  if (track.pixel_format.starts_with("yuvj")) return "pc";
  return is_unknown(track.color_range) ? "tv" : track.color_range;
}

// The largest size of that shape inside the frame, even.
PictureSize fitted(PictureSize picture, PictureSize frame) {
  const double scale = std::min(static_cast<double>(frame.width) / picture.width,
                                static_cast<double>(frame.height) / picture.height);
  const auto side = [&](int length, int most) {
    return std::clamp(static_cast<int>(std::lround(length * scale / 2)) * 2, 2, most);
  };
  return {side(picture.width, frame.width), side(picture.height, frame.height)};
}

std::string colour_options(const PictureColours& from, const PictureColours& to, bool into_hdr) {
  std::string options;
  if (from.matrix != to.matrix) options += ":m=" + to.matrix;
  if (from.primaries != to.primaries) options += ":p=" + to.primaries;
  // The curves of SDR are alike, and only renamed.
  if (into_hdr && from.transfer != to.transfer) options += fmt::format(":t={}:npl={}", to.transfer, kWhite);
  return options;
}

}  // namespace

bool is_same_shape(const VideoTrack& planned, const VideoTrack& now) {
  if (planned.width != now.width || planned.height != now.height) return false;
  if (differs(planned.pixel_format, now.pixel_format)) return false;
  const auto aspect = [](const VideoTrack& track) {
    return track.sample_aspect.known() ? track.sample_aspect.reduced() : Rational{1, 1};
  };
  if (!(aspect(planned) == aspect(now))) return false;
  const PictureColours colours = colours_of(planned);
  const bool yuv = is_planar_yuv(planned);
  return !(yuv && differs(colours.matrix, now.color_matrix)) &&
         !(yuv && !is_unknown(now.color_range) && range_of(planned) != range_of(now)) &&
         !differs(colours.primaries, now.color_primaries) && !differs(colours.transfer, now.color_transfer);
}

std::string fitting_filter(const VideoTrack& planned, const VideoTrack& now, bool keep_hdr) {
  VideoTrack marked = now;
  if (is_planar_yuv(now) && now.height >= kFewestLines) {
    marked.interlaced = true;  // where its pictures are marked so
    marked.scan_note.clear();
  }
  const Result<NormalisedPicture> to = normalise(planned, keep_hdr);
  const Result<NormalisedPicture> from = normalise(marked, keep_hdr);
  if (!to.ok() || !from.ok()) return {};
  std::string chain;
  const auto add = [&](const std::string& filter) { chain += (chain.empty() ? "" : ",") + filter; };
  for (const Normalisation& step : from->steps) add(step.filter);

  const PictureSize frame = to->size;
  const PictureSize size = fitted(from->size, frame);
  const bool into_hdr = keep_hdr && is_hdr(planned);
  const std::string colours = colour_options(from->colours, to->colours, into_hdr);
  if (size != from->size || !colours.empty())
    add(fmt::format("zscale=w={}:h={}:{}{}", size.width, size.height, kBicubic, colours));
  add(into_hdr ? "format=yuv420p10le" : "format=yuv420p");
  if (size != frame)
    add(fmt::format("pad=w={}:h={}:x=(ow-iw)/2:y=(oh-ih)/2:color=black", frame.width, frame.height));
  add(fmt::format("setsar=1,setparams=range=limited:colorspace={}:color_primaries={}:color_trc={}",
                  to->colours.matrix, to->colours.primaries, to->colours.transfer));
  return chain;
}

}  // namespace millrace::engine
