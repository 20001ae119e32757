#include "engine/schedule/stage_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/base/json_text.h"
#include "engine/base/log.h"
#include "engine/base/version.h"
#include "engine/job/json_archive.h"
#include "engine/plan/placement.h"
#include "engine/verify/receipt.h"

namespace millrace::engine {

constexpr const char* kFamily = "stage_failures";
constexpr const char* kTried = "canary";  // of each device, by its id: what it was tried with

// Counts up with what the canary tries: a device that was tried on less is tried anew.
constexpr int kTrial = 4;

// As it lies in the store.
struct StoredFailure {
  StageFailure failure;
  std::string program;  // its version
};

template <class A, Is<StoredFailure> T>
void fields(A& archive, T& stored) {
  archive("stage", stored.failure.stage);
  archive("device", stored.failure.device);
  archive("driver", stored.failure.driver);
  archive("shape", stored.failure.shape);
  archive("reason", stored.failure.reason);
  archive("at", stored.failure.at);
  archive("codec", stored.failure.codec);
  archive.maybe("untried", stored.failure.untried);
  archive("program", stored.program);
}

namespace {

std::string key_of(const StageFailure& failure) {
  return fmt::format("{} on {}: {}", name_of(failure.stage), failure.device,
                     failure.in_quarantine() ? "any " + failure.codec : failure.shape);
}

Result<StoredFailure> read(const std::string& text) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  StoredFailure stored;
  JsonReader reader(json, "failure");
  if (reader.status().ok()) fields(reader, stored);
  if (!reader.status().ok()) return reader.status();
  return stored;
}

bool is_old(const StageFailure& failure, std::int64_t now) {
  constexpr std::int64_t kDay = 86'400'000;
  return now - failure.at > StageMemory::kMostDays * kDay && !failure.in_quarantine();
}

bool is_outdated(const StoredFailure& stored, const hw::Inventory& machine, std::int64_t now) {
  if (stored.program != version() || is_old(stored.failure, now)) return true;
  return std::any_of(machine.gpus.begin(), machine.gpus.end(), [&](const hw::GpuFacts& gpu) {
    return device_id(gpu) == stored.failure.device && gpu.driver != stored.failure.driver;
  });
}

// What a device was tried with.
std::string trial_of(const hw::GpuFacts& gpu) {
  return json_text(
      nlohmann::ordered_json{{"driver", gpu.driver}, {"versions", versions()}, {"trial", kTrial}});
}

}  // namespace

StageMemory::StageMemory(Store& store, const hw::Inventory& machine, std::int64_t now) : store_(store) {
  look_at(machine, now);
}

void StageMemory::look_at(const hw::Inventory& machine, std::int64_t now) {
  const auto values = store_.values(kFamily);
  if (!values.ok()) return;  // all() says so
  for (const auto& [key, text] : *values) {
    const Result<StoredFailure> stored = read(text);
    if (stored.ok() && !is_outdated(*stored, machine, now)) continue;
    spdlog::info("forgotten, and tried again: {}", key);
    if (Status s = store_.erase_value(kFamily, key); !s.ok())
      spdlog::warn("what failed on a device is not forgotten: {}", s.message());
  }
}

// A daemon may run for longer than a failure is believed, without a change of devices to look at.
std::vector<StageFailure> StageMemory::known(std::int64_t now) const {
  std::vector<StageFailure> failures = all();
  std::erase_if(failures, [now](const StageFailure& each) { return is_old(each, now); });
  return failures;
}

std::vector<StageFailure> StageMemory::all() const {
  std::vector<StageFailure> failures;
  const auto values = store_.values(kFamily);
  if (!values.ok()) {
    spdlog::warn("what failed on a device cannot be read: {}", values.status().message());
    return failures;
  }
  for (const auto& [key, text] : *values)
    if (Result<StoredFailure> stored = read(text); stored.ok()) failures.push_back(stored->failure);
  return failures;
}

void StageMemory::remember(const StageFailure& failure) {
  const StoredFailure stored{failure, std::string(version())};
  if (Status s = store_.put_value(kFamily, key_of(failure), json_text(JsonWriter::json_of(stored))); !s.ok())
    spdlog::warn("{} is not remembered: {}", key_of(failure), s.message());
}

void StageMemory::erase_if(const std::function<bool(const StageFailure& failure)>& is_over) {
  for (const StageFailure& each : all())
    if (is_over(each))
      if (Status s = store_.erase_value(kFamily, key_of(each)); !s.ok())
        spdlog::warn("what failed on a device is not forgotten: {}", s.message());
}

void StageMemory::forget(const std::string& device) {
  erase_if([&](const StageFailure& each) { return each.device == device && !each.in_quarantine(); });
}

bool StageMemory::was_tried(const hw::GpuFacts& gpu) const {
  const Result<std::string> tried = store_.get_value(kTried, device_id(gpu));
  return tried.ok() && *tried == trial_of(gpu);
}

Status StageMemory::note_tried(const hw::GpuFacts& gpu, std::vector<StageFailure> quarantine,
                               std::int64_t now) {
  erase_if([&](const StageFailure& each) { return each.device == device_id(gpu) && each.in_quarantine(); });
  for (StageFailure& each : quarantine) {
    each.at = now;
    remember(each);
  }
  return store_.put_value(kTried, device_id(gpu), trial_of(gpu));
}

std::vector<StageFailure> quarantine_of(const hw::GpuFacts& gpu, const std::vector<StageFailure>& failures) {
  std::vector<StageFailure> found;
  std::copy_if(failures.begin(), failures.end(), std::back_inserter(found), [&](const StageFailure& each) {
    return each.in_quarantine() && each.device == device_id(gpu) && each.driver == gpu.driver;
  });
  return found;
}

hw::Inventory with_quarantine(hw::Inventory machine, const std::vector<StageFailure>& failures) {
  for (hw::GpuFacts& gpu : machine.gpus)
    for (const StageFailure& each : quarantine_of(gpu, failures))
      gpu.absences.push_back({std::string(name_of(each.stage)),
                              fmt::format("{} is in quarantine ({}); another driver or a newer program is "
                                          "tried anew",
                                          each.codec.empty() ? "it" : each.codec, each.reason)});
  return machine;
}

}  // namespace millrace::engine
