// Kernels: the pixel operations, in one of their forms. Chosen once, at start, and handed down.
#pragma once

#include "kernels/colour.h"
#include "kernels/deinterlace.h"
#include "kernels/ladder.h"
#include "kernels/turn.h"

namespace millrace::kernels {

// Each takes work that was checked before and whose memory this form can reach: the host's, or a device's.
// Source and target do not overlap. Only samples of the target are written, never its padding.
class Kernels {
 public:
  virtual ~Kernels() = default;

  // Scales into every rung. A ladder of one rung of the source's size changes depth or layout alone.
  virtual void ladder(const Ladder& work) = 0;
  virtual void convert(const Conversion& work) = 0;
  virtual void deinterlace(const Deinterlace& work) = 0;
  virtual void turn(const Turn& work) = 0;
};

}  // namespace millrace::kernels
