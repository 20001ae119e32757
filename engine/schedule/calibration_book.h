// CalibrationBook keeps in the store what was learned of this machine's speed, so that it is known at the
// next start. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/plan/cost.h"
#include "engine/plan/plan.h"
#include "engine/store/store.h"
#include "hw/inventory.h"

namespace millrace::engine {

struct Calibration {
  CostModel model;
  std::int64_t measured = 0;  // milliseconds since 1970 UTC; 0: not measured, the reference machine's figures
  std::int64_t learned_runs = 0;  // finished jobs that it was refined by
  std::string note;               // what was not used, and why; empty: nothing
};

// What the figures depend on: program, FFmpeg, processor and its cores, GPUs and their drivers.
std::string fingerprint_of(const hw::Inventory& machine);

// {"measured": MILLISECONDS or null, "learned_runs": N, "note": "...", "factors": {...}}
nlohmann::ordered_json to_json(const Calibration& calibration);

class CalibrationBook {
 public:
  // Takes what the store holds; not where its fingerprint is another one or it cannot be read: the note says
  // so. The store must outlive the book.
  CalibrationBook(Store& store, const hw::Inventory& machine);

  Calibration get() const;
  // What was just measured, instead of all before.
  Status put(const CostModel& model, std::int64_t now_milliseconds);
  // A job that ended well in one go. Runs too short to tell teach nothing, which is no failure.
  Status learn(const Plan& plan, double media_seconds, double cpu_seconds);

 private:
  Status write();  // with mutex_

  Store& store_;
  const std::string fingerprint_;
  mutable std::mutex mutex_;
  Calibration calibration_;
};

}  // namespace millrace::engine
