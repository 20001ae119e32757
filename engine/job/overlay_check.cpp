// What can be said of overlays without the source.
#include <fmt/format.h>

#include <algorithm>

#include "engine/job/output_check.h"
#include "engine/job/spec_check.h"

namespace millrace::engine {
namespace {

constexpr std::size_t kMostOverlays = 16;
constexpr double kLongestPixels = 16'384;

// From a side, what lies beyond the other side shows nothing; from the middle, half of it is enough.
Status check_offset(const std::string& field, const Length& length, bool from_middle) {
  const double most = length.percent ? (from_middle ? 50 : 100) : kLongestPixels;
  const double least = from_middle ? -most : 0;
  if (length.value >= least && length.value <= most) return {};
  const std::string_view unit = length.percent ? "%" : " pixels";
  return bad(field, fmt::format("{}{} is out of range; allowed: {}{} to {}{}", length.value, unit, least,
                                unit, most, unit));
}

Status check_side(const std::string& field, const std::optional<Length>& length) {
  if (!length) return {};
  const double least = length->percent ? 0.1 : 1;
  const double most = length->percent ? 100 : kLongestPixels;
  if (length->value >= least && length->value <= most) return {};
  const std::string_view unit = length->percent ? "%" : " pixels";
  return bad(field, fmt::format("{}{} is out of range; allowed: {}{} to {}{}", length->value, unit, least,
                                unit, most, unit));
}

Status check_overlay(const std::string& field, const Overlay& overlay) {
  if (Status s = check_url(field + ".image.url", overlay.url); !s.ok()) return s;
  if (Status s = check_offset(field + ".x", overlay.x, is_middle_across(overlay.anchor)); !s.ok()) return s;
  if (Status s = check_offset(field + ".y", overlay.y, is_middle_down(overlay.anchor)); !s.ok()) return s;
  if (Status s = check_side(field + ".width", overlay.width); !s.ok()) return s;
  if (Status s = check_side(field + ".height", overlay.height); !s.ok()) return s;
  if (Status s = check_number(field + ".opacity", overlay.opacity, 0, 1); !s.ok()) return s;
  return check_span(field, overlay.from, overlay.to);
}

}  // namespace

Status check_overlays(const std::vector<Overlay>& overlays, const std::vector<Output>& outputs) {
  if (overlays.empty()) return {};
  if (overlays.size() > kMostOverlays)
    return bad("overlays", fmt::format("more than {} overlays", kMostOverlays));
  for (std::size_t i = 0; i < overlays.size(); ++i) {
    if (Status s = check_overlay(field_path("overlays", i), overlays[i]); !s.ok()) return s;
  }
  bool taken = false;
  for (const Output& output : outputs) {
    const auto* file = std::get_if<FileOutput>(&output);
    if (file != nullptr && file->copy_video)
      return bad("overlays",
                 fmt::format("'{}' copies the source's coded pictures, and nothing can be laid over "
                             "them; name a codec there or leave the overlays out",
                             file->name));
    taken = taken || file != nullptr || std::holds_alternative<AdaptiveOutput>(output);
  }
  if (taken) return {};
  return bad("overlays",
             "no output takes them: stills and sound are left as they are; ask for an adaptive or "
             "file output, or leave the overlays out");
}

}  // namespace millrace::engine
