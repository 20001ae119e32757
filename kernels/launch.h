// How the device's entries are launched: what device.cu and its caller agree on.
#pragma once

#include <cstdint>

namespace millrace::kernels {

constexpr std::uint32_t kBlockWidth = 32;
constexpr std::uint32_t kBlockHeight = 8;
constexpr std::uint32_t kBlockThreads = kBlockWidth * kBlockHeight;
// On one multiprocessor: leaves each thread the 64 registers that the widest entry needs.
constexpr std::uint32_t kBlocksAtOnce = 4;

}  // namespace millrace::kernels
