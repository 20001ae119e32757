// LadderCase: a ladder that the fused kernel and FFmpeg's own CUDA filters both make, and how the filters are
// told to. Pure.
#pragma once

#include <string>
#include <vector>

#include "kernels/ladder.h"

namespace millrace::bench {

struct LadderCase {
  kernels::LadderShape shape;  // of NV12 or P010 into 8 bits, planar: what the CPU's encoders take
  bool logo = false;           // half transparent, over every rung
};

// Where the logo lies on every rung, in luma samples, all even.
inline constexpr kernels::Overlay::Part kLogo{32, 32, 160, 90};

// "ladder of 1920x1080 NV12 into 4 rungs with a logo, bicubic"
std::string name_of(const LadderCase& ladder);

// What is compared.
const std::vector<LadderCase>& compared_ladders();

// For libavfilter: the source comes in at [in], the logo at [logo] where there is one, rung n goes out at
// [outn]. Every rung is written, also one of the source's size, for the kernel writes it too.
std::string filter_graph(const LadderCase& ladder);

// Kernel launches of that graph for one frame, as the source of FFmpeg 5.1 has them, for the driver does not
// tell: vf_scale_cuda.c launches once for luma and once for both planes of chroma, vf_overlay_cuda.c once for
// each plane of yuv420p. The texture objects that scale_cuda makes for every frame are no launches.
int filter_launches(const LadderCase& ladder);

}  // namespace millrace::bench
