// What libavfilter is told of pictures on a VAAPI device: its chains as text. Pure.
#pragma once

#include <string>

#include "engine/backend/backend.h"

namespace millrace::engine {

// Surfaces that a pool needs beyond what fills it: those that the queues of renditions hold, and those under
// work before and behind them.
inline constexpr int kHeldSurfaces = kQueuedOnDevice + 12;

// Pictures that a deinterlacer may look at on either side; drivers are known to want up to three.
inline constexpr int kDeinterlacerNeighbours = 4;

// The plan's normalisations; empty: none is needed. unsupported for a step that no filter of VAAPI does as
// the plan wants it.
Result<std::string> vaapi_normalising_chain(const Plan& plan);

std::string vaapi_scaling_chain(const ScalerSettings& settings);
// Of yuv420p or yuv420p10le, and back.
std::string vaapi_upload_chain(bool ten_bit);
std::string vaapi_download_chain(bool ten_bit);

}  // namespace millrace::engine
