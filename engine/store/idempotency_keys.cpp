#include "engine/store/idempotency_keys.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <utility>

namespace millrace::engine {
namespace {

constexpr std::int64_t kKept = 24LL * 3'600'000;

}  // namespace

// JOB \n DIGEST \n MILLISECONDS
Result<IdempotencyKeys::Use> IdempotencyKeys::use_from(std::string_view record) {
  const std::size_t first = record.find('\n');
  const std::size_t second = first == std::string_view::npos ? first : record.find('\n', first + 1);
  const Status damaged(Code::internal, "the record of an idempotency key is damaged; use another key");
  if (second == std::string_view::npos) return damaged;
  IdempotencyKeys::Use use{std::string(record.substr(0, first)),
                           std::string(record.substr(first + 1, second - first - 1)), 0};
  const char* const end = record.data() + record.size();
  if (std::from_chars(record.data() + second + 1, end, use.milliseconds).ptr != end) return damaged;
  return use;
}

IdempotencyKeys::IdempotencyKeys(Database& database, std::function<std::int64_t()> now)
    : database_(database), now_(std::move(now)) {}

// A clock that is set back keeps no key for longer than its day.
bool IdempotencyKeys::expired(const Use& use) const { return std::abs(now_() - use.milliseconds) >= kKept; }

Result<std::optional<IdempotencyKeys::Use>> IdempotencyKeys::find(const std::string& key) const {
  const auto record = database_.get(Family::idempotency, key);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return std::optional<Use>();
  Result<Use> use = use_from(**record);
  if (!use.ok()) return use.status();
  if (expired(*use)) return std::optional<Use>();
  return std::optional<Use>(std::move(*use));
}

void IdempotencyKeys::remember(rocksdb::WriteBatch& batch, const std::string& key, const std::string& job_id,
                               const std::string& body_digest) const {
  database_.put(batch, Family::idempotency, key, fmt::format("{}\n{}\n{}", job_id, body_digest, now_()));
}

Status IdempotencyKeys::sweep() {
  swept_ = now_();
  rocksdb::WriteBatch batch;
  Scan scan = database_.scan(Family::idempotency);
  for (; scan.valid(); scan.next()) {
    const Result<Use> use = use_from(scan.value());
    if (!use.ok() || expired(*use)) database_.erase(batch, Family::idempotency, std::string(scan.key()));
  }
  if (Status s = scan.status(); !s.ok()) return s;
  return batch.Count() == 0 ? Status() : database_.write(batch);
}

}  // namespace millrace::engine
