#include "engine/schedule/worker_deaths.h"

#include <algorithm>

#include "engine/base/log.h"

namespace millrace::engine {
namespace {

constexpr int kMostInARow = 3;

}  // namespace

bool WorkerDeaths::another(const Status& failure, std::int64_t reached, const std::stop_token& stop,
                           std::string_view what) {
  if (failure.code() != Code::device_lost) return false;
  in_a_row_ = reached > furthest_ ? 0 : in_a_row_ + 1;
  furthest_ = std::max(furthest_, reached);
  if (in_a_row_ == kMostInARow || stop.stop_requested()) return false;
  spdlog::warn("{}; {} goes to another worker", failure.message(), what);
  return true;
}

}  // namespace millrace::engine
