// FilterComparison: a ladder by the fused kernel and by FFmpeg's filters, in turn, on one device and stream.
#pragma once

#include "bench/filter_ladder.h"
#include "bench/kernels_report.h"
#include "bench/stop_flag.h"

namespace millrace::bench {

struct ComparisonOptions {
  int rounds = 5;
  int frames = 300;  // of each side in each round
};

// Blocks. What FFmpeg's side cannot do stands in the comparison (LadderComparison::absence) and ends nothing;
// resource_exhausted where the device has no room for our own side, cancelled after a stop, device_lost when
// the device fails on the way.
engine::Result<LadderComparison> compare_with_filters(const LadderCase& ladder, engine::NvidiaDevice& device,
                                                      const OpenFilterLadder& open_filters,
                                                      const ComparisonOptions& options, const StopFlag& stop);

}  // namespace millrace::bench
