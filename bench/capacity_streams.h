// run_streams runs a round of paced streams, each a job of its own as the daemon would run it, and notes when
// its segments were booked.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <vector>

#include "bench/lateness.h"
#include "bench/stop_flag.h"
#include "engine/job/job_spec.h"
#include "engine/plan/plan.h"
#include "engine/work/worker_pool.h"
#include "hw/inventory.h"

namespace millrace::bench {

struct StreamsSetting {
  engine::JobSpec spec;  // real_time; of every stream
  engine::Plan plan;     // of every stream, made of that spec for its cores
  int streams = 1;
  int cores_each = 1;
  double segment_seconds = 4;    // the streams begin evenly over the time of one
  std::filesystem::path folder;  // for their outputs, which go when a stream has ended
};

struct StreamsLook {
  std::vector<StreamTimes> streams;  // so far
  int running = 0;                   // whose pictures are being read
};

// About once a second; false ends the round.
using StreamsWatch = std::function<bool(const StreamsLook& look)>;

// Returns when every stream has ended: by itself with a receipt that holds, with a failure, or because the
// watch or the stop ended the round, which is no failure of theirs. Blocking; streams have threads of their
// own, `watch` is called on the caller's.
std::vector<StreamTimes> run_streams(const StreamsSetting& setting, engine::WorkerPool& workers,
                                     const hw::Inventory& machine, const StreamsWatch& watch,
                                     const StopFlag& stop);

}  // namespace millrace::bench
