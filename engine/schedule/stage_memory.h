// StageMemory remembers, in the store, which stages failed on which device, so that the next job with such a
// source starts without them, and which are in quarantine, whatever the source. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/plan/stage.h"
#include "engine/store/store.h"
#include "hw/inventory.h"

namespace millrace::engine {

class StageMemory {
 public:
  // A failure is believed for so long; then the device is tried again. A quarantine has no such end.
  static constexpr std::int64_t kMostDays = 30;

  // Forgets what another program or another driver of a device of this machine did, and what is old. `now`:
  // milliseconds since 1970 UTC. The store must outlive this.
  StageMemory(Store& store, const hw::Inventory& machine, std::int64_t now);

  // The same for a machine whose devices have changed.
  void look_at(const hw::Inventory& machine, std::int64_t now);

  // What is believed at that time. Empty, with a line in the log, where the store cannot be read.
  std::vector<StageFailure> known(std::int64_t now) const;
  // A failure to write is a line in the log: the next such job fails in the same place and says it again.
  void remember(const StageFailure& failure);
  // Forgets what failed on the device, but for what is in quarantine.
  void forget(const std::string& device);

  // Whether the canary has tried the device with this driver, this program and its libraries.
  bool was_tried(const hw::GpuFacts& gpu) const;
  // It has, and found this to be put in quarantine, instead of what was before.
  Status note_tried(const hw::GpuFacts& gpu, std::vector<StageFailure> quarantine, std::int64_t now);

 private:
  std::vector<StageFailure> all() const;  // old ones too
  void erase_if(const std::function<bool(const StageFailure& failure)>& is_over);

  Store& store_;
};

// What of the failures is in quarantine on this device, with the driver that it has.
std::vector<StageFailure> quarantine_of(const hw::GpuFacts& gpu, const std::vector<StageFailure>& failures);

// What is in quarantine, as absences of the devices that it is of.
hw::Inventory with_quarantine(hw::Inventory machine, const std::vector<StageFailure>& failures);

}  // namespace millrace::engine
