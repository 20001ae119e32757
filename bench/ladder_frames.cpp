#include "bench/ladder_frames.h"

namespace millrace::bench {
namespace {

using kernels::Blend;
using kernels::chroma_size;
using kernels::CudaSession;
using kernels::Ladder;
using kernels::LadderShape;
using kernels::Overlay;
using kernels::OverlayPlane;
using kernels::OverlayTables;
using kernels::Surface;

std::int32_t row_bytes(std::int32_t samples) { return (samples + 255) / 256 * 256; }

Surface planar_surface(LadderShape::Size size) {
  Surface surface;
  surface.width = size.width;
  surface.height = size.height;
  surface.luma_stride = row_bytes(size.width);
  surface.chroma_stride = surface.luma_stride / 2;
  return surface;
}

// A grey of which half is seen.
OverlayTables logo_tables() {
  constexpr Blend kHalfGrey{128U << 15U, 1U << 15U};
  const auto plane = [&](const Overlay::Part& part) {
    const auto count = static_cast<std::size_t>(part.width) * static_cast<std::size_t>(part.height);
    return OverlayPlane{part, std::vector<Blend>(count, kHalfGrey)};
  };
  const OverlayPlane chroma = plane({kLogo.x / 2, kLogo.y / 2, kLogo.width / 2, kLogo.height / 2});
  return OverlayTables({plane(kLogo), chroma, chroma});
}

}  // namespace

Surface decoded_surface(LadderShape::Size size, std::int32_t depth) {
  const int sample = depth > 8 ? 2 : 1;
  Surface surface;
  surface.width = size.width;
  surface.height = size.height;
  surface.depth = depth;
  surface.shift = depth > 8 ? 6 : 0;
  surface.chroma_step = 2;
  surface.luma_stride = surface.chroma_stride = row_bytes(size.width * sample);
  return surface;
}

std::size_t room_of(const Surface& surface) {
  const std::int32_t chroma_planes = surface.chroma_step == 2 ? 1 : 2;
  const auto bytes =
      static_cast<std::size_t>(surface.luma_stride) * static_cast<std::size_t>(surface.height) +
      static_cast<std::size_t>(chroma_planes * surface.chroma_stride) *
          static_cast<std::size_t>(chroma_size(surface.height));
  // FFmpeg's filters read through textures, which begin at such a multiple.
  constexpr std::size_t kTexture = 512;
  return (bytes + kTexture - 1) / kTexture * kTexture;
}

double samples_bytes(const Surface& surface) {
  return 1.5 * surface.width * surface.height * (surface.depth > 8 ? 2 : 1);
}

Surface at(Surface surface, std::byte* base) {
  const auto bytes = [](std::int32_t stride, std::int32_t rows) {
    return static_cast<std::ptrdiff_t>(stride) * rows;
  };
  surface.luma = base;
  surface.u = base + bytes(surface.luma_stride, surface.height);
  const bool interleaved = surface.chroma_step == 2;
  surface.v = surface.u + (interleaved ? (surface.depth > 8 ? 2 : 1)
                                       : bytes(surface.chroma_stride, chroma_size(surface.height)));
  return surface;
}

LadderFrames::LadderFrames(const CudaSession& session, const LadderCase& ladder)
    : tables_(ladder.shape),
      tables_there_(session, tables_.bytes()),
      logo_there_(session, logo_tables().bytes()),
      ring_(session, kRingBytes) {
  if (!has_room()) return;
  Ladder plain = tables_.at(tables_there_.address());
  plain.source = decoded_surface(ladder.shape.source, ladder.shape.source_depth);
  std::size_t room = room_of(plain.source);
  bytes_ = samples_bytes(plain.source);
  for (std::int32_t i = 0; i < plain.count; ++i) {
    plain.rungs[i].target = planar_surface(ladder.shape.rungs[static_cast<std::size_t>(i)]);
    if (ladder.logo) plain.rungs[i].overlay = logo_tables().at(logo_there_.address());
    room += room_of(plain.rungs[i].target);
    bytes_ += samples_bytes(plain.rungs[i].target);
  }
  for (std::size_t begin = 0; begin + room <= kRingBytes; begin += room) {
    Ladder frame = plain;
    std::byte* base = ring_.address() + begin;
    frame.source = at(frame.source, base);
    base += room_of(frame.source);
    for (std::int32_t i = 0; i < frame.count; ++i) {
      frame.rungs[i].target = at(frame.rungs[i].target, base);
      base += room_of(frame.rungs[i].target);
    }
    frames_.push_back(frame);
  }
}

bool LadderFrames::has_room() const {
  return tables_there_.address() != nullptr && logo_there_.address() != nullptr && ring_.address() != nullptr;
}

}  // namespace millrace::bench
