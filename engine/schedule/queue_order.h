// The order in which waiting jobs start. Pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/store/store.h"

namespace millrace::engine {

// A point of priority is a head start of so long: of two jobs that are 10 points apart, the lesser one goes
// first once it is 10 minutes older. So nothing waits for ever behind what keeps coming in.
constexpr std::chrono::minutes kHeadStart{1};

// The ids, first to start first. A job's age is in its id.
std::vector<std::string> in_order(std::vector<QueuedJob> queue);

}  // namespace millrace::engine
