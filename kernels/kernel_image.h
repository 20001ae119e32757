// KernelImage: the device's code as it lies in this program. Which images there are is decided when it is
// built.
#pragma once

#include <span>

namespace millrace::kernels {

struct KernelImage {
  const char* name;  // "nvcc: sm_75 sm_80 ... and PTX", "clang: PTX for sm_50 and later"
  const void* data;  // a fatbin, or PTX that ends in a zero
};

// Best first; empty where this program was built without nvcc and clang.
std::span<const KernelImage> kernel_images();

}  // namespace millrace::kernels
