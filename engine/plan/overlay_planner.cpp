#include "engine/plan/overlay_planner.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "engine/job/json_text.h"
#include "engine/plan/text.h"

namespace millrace::engine {
namespace {

constexpr double kLongestSide = 16'384;

double share_of(const Length& length, int side) {
  return length.percent ? length.value / 100 : length.value / side;
}

std::optional<double> share_of(const std::optional<Length>& length, int side) {
  return length ? std::optional(share_of(*length, side)) : std::nullopt;
}

// Along one axis. Offsets count inwards from an edge, or onwards from the middle, where the image is centred.
bool lies_outside(double offset, std::optional<double> length, bool from_middle) {
  if (from_middle) return length && std::abs(offset) >= 0.5 + *length / 2;
  return offset >= 1 || (length && offset + *length <= 0);
}

std::string length_text(const Length& length) {
  return fmt::format("{:g}{}", length.value, length.percent ? "%" : " px");
}

std::string place_text(const Overlay& overlay) {
  std::string text = fmt::format("{} at {}", overlay.url, name_of(overlay.anchor));
  if (overlay.x.value != 0 || overlay.y.value != 0)
    text += fmt::format(" {}, {}", length_text(overlay.x), length_text(overlay.y));
  if (overlay.width) text += fmt::format(", {} wide", length_text(*overlay.width));
  if (overlay.height) text += fmt::format(", {} high", length_text(*overlay.height));
  if (overlay.opacity < 1) text += fmt::format(", opacity {:g}", overlay.opacity);
  if (overlay.from > 0) text += ", from " + seconds_text(overlay.from);
  if (overlay.to > 0) text += ", to " + seconds_text(overlay.to);
  return text;
}

}  // namespace

Result<PlannedOverlays> plan_overlays(std::span<const Overlay> asked, PictureSize picture, double seconds) {
  PlannedOverlays all;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Overlay& overlay = asked[i];
    const std::string field = field_path("overlays", i);
    const auto bad = [&](const char* name, const std::string& sentence) {
      return refused(Code::invalid_argument, field_path(field, name), sentence);
    };
    const std::string outside = fmt::format("the image would lie wholly outside the picture, which is {}x{}",
                                            picture.width, picture.height);
    const std::optional<double> width = share_of(overlay.width, picture.width);
    const std::optional<double> height = share_of(overlay.height, picture.height);
    PlannedOverlay planned;
    planned.url = overlay.url;
    planned.anchor = overlay.anchor;
    planned.x = share_of(overlay.x, picture.width);
    planned.y = share_of(overlay.y, picture.height);
    planned.width = width.value_or(0);
    planned.height = height.value_or(0);
    planned.opacity = overlay.opacity;
    planned.from = std::llround(overlay.from * kTicksPerSecond);
    planned.to = std::llround(overlay.to * kTicksPerSecond);
    if (planned.width * picture.width > kLongestSide)
      return bad("width",
                 fmt::format("{} is more than {} pixels", length_text(*overlay.width), kLongestSide));
    if (planned.height * picture.height > kLongestSide)
      return bad("height",
                 fmt::format("{} is more than {} pixels", length_text(*overlay.height), kLongestSide));
    if (lies_outside(planned.x, width, is_middle_across(overlay.anchor))) return bad("x", outside);
    if (lies_outside(planned.y, height, is_middle_down(overlay.anchor))) return bad("y", outside);
    if (seconds > 0 && overlay.from >= seconds)
      return bad("from", fmt::format("{} is past the end: the output is {} long", seconds_text(overlay.from),
                                     seconds_text(seconds)));
    all.overlays.push_back(planned);
    all.decisions.push_back({fmt::format("overlay {}", i + 1), "cpu", place_text(overlay),
                             "laid over each rendition at its own resolution"});
  }
  return all;
}

}  // namespace millrace::engine
