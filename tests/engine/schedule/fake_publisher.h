// FakePublisher: notes what it was asked to write, and writes small files in its place.
#pragma once

#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/file.h"
#include "engine/schedule/publisher.h"

namespace millrace::engine {

class FakePublisher final : public Publisher {
 public:
  struct Call {
    std::string output;
    bool whole = false;
    Segments segments;
  };
  std::function<void(const Call&)> heard;  // of every adaptive call
  std::function<void(const std::stop_token& stop)> before_receipt;
  Status receipt_status;
  Status adaptive_status;

  Status adaptive(const std::filesystem::path& folder, const Plan&, const PlannedOutput& output,
                  const Segments& segments, bool whole) const override {
    const Call call{output.path, whole, segments};
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(call);
    }
    if (heard) heard(call);
    if (!adaptive_status.ok()) return adaptive_status;
    return write_file(folder / output.path / "master.m3u8", std::to_string(segments.size()));
  }
  Result<nlohmann::ordered_json> receipt(const std::filesystem::path&, const Plan&, const Segments& segments,
                                         const Usage& usage, const Losses& lost,
                                         const std::stop_token& stop) const override {
    if (before_receipt) before_receipt(stop);
    if (!receipt_status.ok()) return receipt_status;
    return nlohmann::ordered_json{{"segments", segments.size()},
                                  {"cpu_seconds", usage.cpu_seconds},
                                  {"lost", lost},
                                  {"steps_down", usage.steps_down}};
  }

  std::vector<Call> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::vector<Call> calls_;
};

}  // namespace millrace::engine
