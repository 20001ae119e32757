#include "engine/job/overlay.h"

namespace millrace::engine {

using Anchor = Overlay::Anchor;

bool is_middle_across(Anchor anchor) {
  return anchor == Anchor::top || anchor == Anchor::centre || anchor == Anchor::bottom;
}

bool is_middle_down(Anchor anchor) {
  return anchor == Anchor::left || anchor == Anchor::centre || anchor == Anchor::right;
}

}  // namespace millrace::engine
