// LadderFrames: a ladder on a device with memory for many frames, each ready to be handed to the kernel.
#pragma once

#include <cstddef>
#include <vector>

#include "bench/ladder_case.h"
#include "kernels/cuda_session.h"
#include "kernels/ladder.h"

namespace millrace::bench {

// What frames go round in: more than any device's cache holds, as the frames of many streams are.
inline constexpr std::size_t kRingBytes = std::size_t{512} << 20;

// Of 8 bits NV12, of 10 P010; rows of a multiple of 256 bytes, as decoders make them. Owns nothing.
kernels::Surface decoded_surface(kernels::LadderShape::Size size, std::int32_t depth);

// Bytes from one surface to the next.
std::size_t room_of(const kernels::Surface& surface);
// Bytes of its samples, without the rows' padding.
double samples_bytes(const kernels::Surface& surface);
// The surface in memory at `base`.
kernels::Surface at(kernels::Surface surface, std::byte* base);

// For the session's thread; ends before the session.
class LadderFrames {
 public:
  LadderFrames(const kernels::CudaSession& session, const LadderCase& ladder);

  // Whether the device had memory for it; else nothing but this may be asked.
  bool has_room() const;
  std::size_t count() const { return frames_.size(); }
  // Goes round.
  const kernels::Ladder& frame(std::size_t number) const { return frames_[number % frames_.size()]; }
  // Of a frame: the source read once and every rung written once.
  double bytes() const { return bytes_; }

 private:
  kernels::LadderTables tables_;
  kernels::CudaMemory tables_there_, logo_there_, ring_;
  std::vector<kernels::Ladder> frames_;
  double bytes_ = 0;
};

}  // namespace millrace::bench
