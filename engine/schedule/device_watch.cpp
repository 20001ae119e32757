#include "engine/schedule/device_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/log.h"
#include "engine/plan/placement.h"

namespace millrace::engine {
namespace {

bool has(const hw::Inventory& machine, const std::string& id) {
  return std::any_of(machine.gpus.begin(), machine.gpus.end(),
                     [&](const hw::GpuFacts& gpu) { return device_id(gpu) == id; });
}

hw::Absence gone(const hw::GpuFacts& gpu) {
  return {gpu.vendor == "nvidia" ? "nvidia" : "vaapi",
          fmt::format("{} ({}) was lost, and its driver does not list it any more; see the kernel's log; the "
                      "driver is asked again every minute, and the device used once it is back",
                      gpu.name, device_name(gpu))};
}

}  // namespace

DeviceWatch::DeviceWatch(hw::Inventory machine, DeviceWatchParts parts) : parts_(std::move(parts)) {
  for (const hw::GpuFacts& gpu : machine.gpus) known_[device_id(gpu)] = gpu;
  admitted_ = known_.empty() || !parts_.admit;
  publish(std::move(machine));
}

void DeviceWatch::start() {
  if (!known_.empty()) keeper_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
}

DeviceWatch::Snapshot DeviceWatch::machine() const {
  const std::lock_guard lock(mutex_);
  return machine_;
}

void DeviceWatch::device_lost() {
  const std::lock_guard lock(mutex_);
  lost_ = true;
  changed_.notify_all();
}

bool DeviceWatch::wait_until_admitted(const std::stop_token& stop) const {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, stop, [this] { return admitted_; });
}

void DeviceWatch::publish(hw::Inventory machine) {
  auto snapshot = std::make_shared<const hw::Inventory>(std::move(machine));
  const std::lock_guard lock(mutex_);
  machine_ = std::move(snapshot);
}

void DeviceWatch::keep(const std::stop_token& stop) {
  if (parts_.admit) parts_.admit(*machine(), {}, stop);
  std::unique_lock lock(mutex_);
  admitted_ = true;
  changed_.notify_all();
  while (!stop.stop_requested() && parts_.probe) {
    const bool is_whole = machine_->gpus.size() == known_.size();
    const auto asked = [this] { return lost_; };
    if (is_whole)
      changed_.wait(lock, stop, asked);
    else
      changed_.wait_for(lock, stop, parts_.between_looks, asked);
    if (stop.stop_requested()) return;
    lost_ = false;
    lock.unlock();
    look(stop);
    lock.lock();
  }
}

// Only devices and what is said of them change: budgets were made of the rest.
void DeviceWatch::look(const std::stop_token& stop) {
  const Snapshot before = machine();
  hw::Inventory fresh = parts_.probe();
  hw::Inventory now = *before;
  now.gpus = std::move(fresh.gpus);
  now.absences = std::move(fresh.absences);
  std::vector<std::string> back;
  for (const hw::GpuFacts& gpu : now.gpus) {
    const std::string id = device_id(gpu);
    known_[id] = gpu;
    if (has(*before, id)) continue;
    back.push_back(id);
    spdlog::info("{} ({}) is there", gpu.name, device_name(gpu));
  }
  for (const auto& [id, gpu] : known_) {
    if (has(now, id)) continue;
    now.absences.push_back(gone(gpu));
    if (has(*before, id)) spdlog::error("{}", now.absences.back().note);
  }
  if (parts_.admit) parts_.admit(now, back, stop);
  publish(std::move(now));
}

}  // namespace millrace::engine
