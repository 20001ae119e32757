// Overlay: a picture laid over every picture of a job. Plain data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::engine {

// A length on the picture: pixels of the source as it is shown (square pixels, upright), or a share of its
// side.
struct Length {
  double value = 0;
  bool percent = false;
};

// A picture laid over every picture of the job, at each rendition's own resolution.
struct Overlay {
  enum class Anchor { top_left, top, top_right, left, centre, right, bottom_left, bottom, bottom_right };
  std::string url;  // as an input's
  Anchor anchor = Anchor::top_left;
  Length x, y;  // from the anchor inwards; with `centre` (or along a middle axis) to the right and downwards
  std::optional<Length> width,
      height;  // one alone: the other follows the image's shape; none: the image's own
  double opacity = 1;
  double from = 0;  // seconds of the output
  double to = 0;    // 0: to the end
};
std::string_view name_of(Overlay::Anchor anchor);

// On a middle axis lengths may be negative: they count from the middle.
bool is_middle_across(Overlay::Anchor anchor);  // top, centre, bottom
bool is_middle_down(Overlay::Anchor anchor);    // left, centre, right

}  // namespace millrace::engine
