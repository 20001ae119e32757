// StageMemory remembers, in the store, which stages failed on which device, so that the next job with such a
// source starts without them. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/plan/stage.h"
#include "engine/store/store.h"
#include "hw/inventory.h"

namespace millrace::engine {

class StageMemory {
 public:
  // A failure is believed for so long; then the device is tried again.
  static constexpr std::int64_t kMostDays = 30;

  // Forgets what another program or another driver of a device of this machine did, and what is old. `now`:
  // milliseconds since 1970 UTC. The store must outlive this.
  StageMemory(Store& store, const hw::Inventory& machine, std::int64_t now);

  // Empty, with a line in the log, where the store cannot be read.
  std::vector<StageFailure> known() const;
  // A failure to write is a line in the log: the next such job fails in the same place and says it again.
  void remember(const StageFailure& failure);

 private:
  Store& store_;
};

}  // namespace millrace::engine
