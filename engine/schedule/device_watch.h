// DeviceWatch knows which devices this machine has now. The drivers are asked again when a device was lost,
// and from then on until it is back; devices are tried before jobs use them. Safe to call from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "hw/inventory.h"

namespace millrace::engine {

struct DeviceWatchParts {
  // What the machine is now, as hw::probe() tells it; blocking. Empty: it stays as it was at the start.
  std::function<hw::Inventory()> probe = {};
  // Before jobs are planned for this machine: at the start and after each answer of the drivers. `back`: ids
  // of devices that were gone. Blocking, from the watch's thread; empty: nothing is done.
  std::function<void(const hw::Inventory& machine, const std::vector<std::string>& back,
                     const std::stop_token& stop)>
      admit = {};
  std::chrono::milliseconds between_looks{60'000};  // while a device is gone
};

class DeviceWatch {
 public:
  using Snapshot = std::shared_ptr<const hw::Inventory>;

  DeviceWatch(hw::Inventory machine, DeviceWatchParts parts);
  ~DeviceWatch() { stop(); }
  DeviceWatch(const DeviceWatch&) = delete;
  DeviceWatch& operator=(const DeviceWatch&) = delete;

  // Admits the devices that there are, and watches them. A machine without any is not watched.
  void start();
  // Waits for the end of what is under way; snapshots stay as they are.
  void stop() { keeper_ = {}; }

  // Devices that are gone are not in it, and say in its absences that they are.
  Snapshot machine() const;
  // A task lost its device: the drivers are asked again, soon.
  void device_lost();
  // Returns once the devices of the start are admitted; false after a stop before.
  bool wait_until_admitted(const std::stop_token& stop) const;

 private:
  void keep(const std::stop_token& stop);
  void look(const std::stop_token& stop);
  void publish(hw::Inventory machine);

  const DeviceWatchParts parts_;
  std::map<std::string, hw::GpuFacts> known_;  // of the keeper's thread: every device that was ever here
  mutable std::mutex mutex_;                   // of all below
  mutable std::condition_variable_any changed_;
  Snapshot machine_;
  bool admitted_ = false;
  bool lost_ = false;
  std::jthread keeper_;
};

}  // namespace millrace::engine
