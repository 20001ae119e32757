// ReferenceKernels: the plain form on the host, which is the truth. One thread, done when it returns; far
// slower than libswscale, and not meant for work on the CPU.
#pragma once

#include "kernels/kernels.h"

namespace millrace::kernels {

// Holds nothing; each call stands alone, from any thread.
class ReferenceKernels : public Kernels {
 public:
  void ladder(const Ladder& work) override;
  void convert(const Conversion& work) override;
  void deinterlace(const Deinterlace& work) override;
  void turn(const Turn& work) override;
};

}  // namespace millrace::kernels
