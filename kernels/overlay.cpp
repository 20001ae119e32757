#include "kernels/overlay.h"

#include <algorithm>
#include <cassert>

namespace millrace::kernels {
namespace {

std::size_t count(const Overlay::Part& part) {
  return static_cast<std::size_t>(part.width) * static_cast<std::size_t>(part.height);
}

std::uint32_t share(std::uint32_t of, std::uint32_t kept) {
  return static_cast<std::uint32_t>((std::uint64_t{of} * kept + 32'768U) >> 16U);
}

Blend laid_over(const Blend& below, const Blend& above) {
  return {above.add + share(below.add, above.keep), share(below.keep, above.keep)};
}

Blend blend_at(const OverlayPlane& plane, std::int32_t x, std::int32_t y) {
  const std::int32_t at = place_in(plane.part, x, y);
  return at < 0 ? Blend() : plane.blends[static_cast<std::size_t>(at)];
}

OverlayPlane laid_over(const OverlayPlane& below, const OverlayPlane& above) {
  if (below.blends.empty()) return above;
  if (above.blends.empty()) return below;
  const Overlay::Part &one = below.part, &other = above.part;
  OverlayPlane both;
  both.part.x = std::min(one.x, other.x);
  both.part.y = std::min(one.y, other.y);
  both.part.width = std::max(one.x + one.width, other.x + other.width) - both.part.x;
  both.part.height = std::max(one.y + one.height, other.y + other.height) - both.part.y;
  both.blends.reserve(count(both.part));
  for (std::int32_t y = both.part.y; y < both.part.y + both.part.height; ++y)
    for (std::int32_t x = both.part.x; x < both.part.x + both.part.width; ++x)
      both.blends.push_back(laid_over(blend_at(below, x, y), blend_at(above, x, y)));
  return both;
}

}  // namespace

OverlayPlanes laid_over(const OverlayPlanes& below, const OverlayPlanes& above) {
  return {laid_over(below[0], above[0]), laid_over(below[1], above[1]), laid_over(below[2], above[2])};
}

OverlayTables::OverlayTables(const OverlayPlanes& planes)
    : luma_part_(planes[0].part), chroma_part_(planes[1].part) {
  for (const OverlayPlane& plane : planes) {
    assert(!plane.blends.empty() && plane.blends.size() == count(plane.part));
    blends_.insert(blends_.end(), plane.blends.begin(), plane.blends.end());
  }
}

Overlay OverlayTables::at(const std::byte* base) const {
  Overlay overlay;
  overlay.luma = reinterpret_cast<const Blend*>(base);
  overlay.u = overlay.luma + count(luma_part_);
  overlay.v = overlay.u + count(chroma_part_);
  overlay.luma_part = luma_part_;
  overlay.chroma_part = chroma_part_;
  return overlay;
}

}  // namespace millrace::kernels
