#include "engine/job/job.h"

#include <algorithm>
#include <array>

namespace millrace::engine {
namespace {

using State = JobState;

constexpr std::array<std::string_view, 6> kStateNames = {"queued",    "running", "paused",
                                                         "completed", "failed",  "cancelled"};
struct Change {
  State from;
  State to;
};
constexpr std::array kChanges = {
    Change{State::queued, State::running},    Change{State::queued, State::paused},
    Change{State::queued, State::cancelled},  Change{State::queued, State::failed},
    Change{State::running, State::completed}, Change{State::running, State::failed},
    Change{State::running, State::cancelled}, Change{State::running, State::queued},
    Change{State::running, State::paused},    Change{State::paused, State::queued},
    Change{State::paused, State::cancelled},  Change{State::failed, State::queued},
    Change{State::cancelled, State::queued},
};

}  // namespace

std::string_view name_of(JobState state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::optional<JobState> job_state_named(std::string_view name) {
  const auto found = std::find(kStateNames.begin(), kStateNames.end(), name);
  if (found == kStateNames.end()) return std::nullopt;
  return static_cast<JobState>(found - kStateNames.begin());
}

bool is_final(JobState state) {
  return state == State::completed || state == State::failed || state == State::cancelled;
}

bool may_change(JobState from, JobState to) {
  return std::any_of(kChanges.begin(), kChanges.end(),
                     [&](const Change& change) { return change.from == from && change.to == to; });
}

}  // namespace millrace::engine
