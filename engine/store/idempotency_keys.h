// IdempotencyKeys: which job a client's key made, for 24 h. Safe to call from any thread: find and remember
// of one key belong under one lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "engine/store/database.h"

namespace millrace::engine {

class IdempotencyKeys {
 public:
  struct Use {
    std::string job_id;
    std::string body_digest;
    std::int64_t milliseconds = 0;  // since 1970 UTC
  };

  // `database` must outlive this. `now` gives milliseconds since 1970 UTC.
  IdempotencyKeys(Database& database, std::function<std::int64_t()> now);

  // internal when the record is not one of ours.
  static Result<Use> use_from(std::string_view record);

  // Nothing for a key that was not used in the last 24 h, or by a clock that went on by 24 h or more before
  // it was set back.
  Result<std::optional<Use>> find(const std::string& key) const;
  // Adds to a batch.
  void remember(rocksdb::WriteBatch& batch, const std::string& key, const std::string& job_id,
                const std::string& body_digest) const;
  // An hour has passed since the last sweep, or the clock was set back.
  bool due() const {
    const std::int64_t passed = now_() - swept_.load();
    return passed >= kBetweenSweeps || passed < 0;
  }
  // Takes out what has expired. Nobody may remember a key meanwhile.
  Status sweep();

 private:
  bool expired(const Use& use) const;

  Database& database_;
  std::function<std::int64_t()> now_;
  static constexpr std::int64_t kBetweenSweeps = 3'600'000;
  std::atomic<std::int64_t> swept_{std::numeric_limits<std::int64_t>::min() / 2};
};

}  // namespace millrace::engine
