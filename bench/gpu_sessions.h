// Sessions: a film's pictures through a device several times at once, decoded alone or into a ladder.
#pragma once

#include <cstdint>

#include "bench/stop_flag.h"
#include "engine/backend/backend.h"
#include "engine/base/status.h"
#include "engine/plan/plan.h"

namespace millrace::bench {

enum class SessionWork {
  decode,  // pictures are thrown away where they lie
  ladder  // every rendition's pictures come to the CPU, each on a thread of its own as in a job, and go there
};

struct SessionsRun {
  std::int64_t pictures = 0;  // of the source, by all sessions
  double seconds = 0;         // from the moment that all were open to the end of the last one
};

// Runs so many sessions of the plan's whole source at once, each on a thread of its own with its own context,
// stream and decoder, which `open` makes; nothing is encoded. Blocks. cancelled after a stop; else the first
// failure, as run_range fails.
engine::Result<SessionsRun> run_sessions(const engine::Plan& plan, int count, SessionWork work,
                                         const engine::OpenBackend& open, const StopFlag& stop);

}  // namespace millrace::bench
