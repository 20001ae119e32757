// Decode times of a track, made from its presentation times. An encoder's own would depend on where its range
// began; these depend on the segment and on one shift of the track, so segments made by different workers
// join. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/rational.h"

namespace millrace::engine {

// The shift of a track whose encoder holds back `reorder_frames`, in ticks: as many frames, rounded up to
// whole ticks.
std::int64_t reorder_shift(int reorder_frames, const Rational& frame_rate);

// `pts` in decode order, each once, the first the least. Each dts is at most its pts and greater than the one
// before it; the first is pts - shift; at a constant rate every one is the frame's place minus the shift.
// Needs shift >= the reorder depth.
std::vector<std::int64_t> decode_times(const std::vector<std::int64_t>& pts, std::int64_t shift);

}  // namespace millrace::engine
