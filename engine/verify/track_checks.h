// What must hold between the ledger of a job and its plan, before anything is read from disk. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/package/publish.h"
#include "engine/plan/plan.h"
#include "engine/verify/receipt.h"

namespace millrace::engine {

// A whole track in figures. Times in ticks of its timescale on the job's clock.
struct TrackSummary {
  std::int64_t segments = 0;
  std::int64_t frames_in = 0;  // pictures or samples
  std::int64_t frames_out = 0;
  std::int64_t timescale = 90'000;
  std::int64_t first_pts = 0;
  std::int64_t last_pts = 0;
  std::int64_t end = 0;            // where the last frame ends
  std::int64_t bytes = 0;          // of its segments
  bool idr_grid = true;            // every segment opens with an IDR
  std::int64_t fully_decoded = 0;  // segments of which every frame was decoded again

  double duration_seconds() const {
    return static_cast<double>(end - first_pts) / static_cast<double>(timescale);
  }
};
TrackSummary summary_of(const std::string& track, const Segments& segments);

// For each rendition and sound of the plan: contiguous segments, IDR grid, decode, frames out = frames
// in; and for the renditions of each other's grid: equal grid, last pts, duration. A sound without any
// segment is a silent source: no check.
std::vector<Check> track_checks(const Plan& plan, const Segments& segments);

}  // namespace millrace::engine
