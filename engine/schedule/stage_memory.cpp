#include "engine/schedule/stage_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/json_text.h"
#include "engine/base/log.h"
#include "engine/base/version.h"
#include "engine/job/json_archive.h"
#include "engine/plan/placement.h"

namespace millrace::engine {

constexpr const char* kFamily = "stage_failures";

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
  archive("program", stored.program);
}

namespace {

std::string key_of(const StageFailure& failure) {
  return fmt::format("{} on {}: {}", name_of(failure.stage), failure.device, failure.shape);
}

Result<StoredFailure> read(const std::string& text) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  StoredFailure stored;
  JsonReader reader(json, "failure");
  if (reader.status().ok()) fields(reader, stored);
  if (!reader.status().ok()) return reader.status();
  return stored;
}

bool is_outdated(const StoredFailure& stored, const hw::Inventory& machine, std::int64_t now) {
  constexpr std::int64_t kDay = 86'400'000;
  if (stored.program != version() || now - stored.failure.at > StageMemory::kMostDays * kDay) return true;
  return std::any_of(machine.gpus.begin(), machine.gpus.end(), [&](const hw::GpuFacts& gpu) {
    return device_id(gpu) == stored.failure.device && gpu.driver != stored.failure.driver;
  });
}

}  // namespace

StageMemory::StageMemory(Store& store, const hw::Inventory& machine, std::int64_t now) : store_(store) {
  const auto values = store_.values(kFamily);
  if (!values.ok()) return;  // known() says so
  for (const auto& [key, text] : *values) {
    const Result<StoredFailure> stored = read(text);
    if (stored.ok() && !is_outdated(*stored, machine, now)) continue;
    spdlog::info("forgotten, and tried again: {}", key);
    if (Status s = store_.erase_value(kFamily, key); !s.ok())
      spdlog::warn("what failed on a device is not forgotten: {}", s.message());
  }
}

std::vector<StageFailure> StageMemory::known() const {
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

}  // namespace millrace::engine
