// RocksStore: the Store over RocksDB, with what tests need to turn. Store::open() makes one; see store.h for
// its promises.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/store/database.h"
#include "engine/store/event_log.h"
#include "engine/store/idempotency_keys.h"
#include "engine/store/store.h"
#include "engine/store/stripes.h"

namespace millrace::engine {

struct StoreOptions {
  std::uint64_t events_kept = 100'000;
  std::function<std::int64_t()> now;  // milliseconds since 1970 UTC; empty: the system's clock
  rocksdb::Env* env = nullptr;        // not owned; null: the system's
};

class RocksStore final : public Store {
 public:
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder,
                                             const StoreOptions& options);

  Result<Submitted> submit(const Job& job, const std::string& idempotency_key,
                           const std::string& body_digest) override;
  Result<Job> get(const std::string& id) override;
  Result<JobPage> list(const JobFilter& filter) override;
  Result<std::vector<QueuedJob>> queue() override;
  Result<std::vector<std::string>> ids_in(JobState state) override;
  Status update(const Job& job, const std::string& event_type, const std::string& event_data) override;
  Status erase(const std::string& id) override;
  Status announce(const std::string& job_id, const std::string& type, const std::string& data) override;

  Status commit_segment(const std::string& job_id, const FinishedSegment& segment) override;
  Result<std::vector<FinishedSegment>> segments(const std::string& job_id) override;
  Status forget_segments(const std::string& job_id, const std::string& track,
                         std::int64_t first_index) override;
  Status note_end(const std::string& job_id, const std::string& track, std::int64_t end_segment) override;
  Result<std::map<std::string, std::int64_t>> ended_tracks(const std::string& job_id) override;
  Status note_lost(const std::string& job_id, const std::string& track,
                   const std::vector<std::string>& sentences) override;
  Result<std::map<std::string, std::vector<std::string>>> lost(const std::string& job_id) override;

  Result<std::vector<Event>> events_after(std::uint64_t number, const std::string& job_id,
                                          int limit) override;
  std::uint64_t last_event() const override { return events_.last(); }
  Result<std::uint64_t> newest_event_of(const std::string& job_id) override;
  void set_listener(std::function<void(const Event&)> listener) override;

  Result<StoreCopy> back_up(const std::filesystem::path& backups, int keep) override;
  Result<std::string> get_value(const std::string& family, const std::string& key) override;
  Status put_value(const std::string& family, const std::string& key, const std::string& value) override;
  Status erase_value(const std::string& family, const std::string& key) override;
  Result<std::vector<std::pair<std::string, std::string>>> values(const std::string& family) override;

 private:
  RocksStore(std::unique_ptr<Database> database, const StoreOptions& options);

  Result<std::vector<std::string>> jobs_under(Family family, const std::string& prefix) const;
  Result<bool> exists(const std::string& id) const;
  Result<Job> record(const std::string& id) const;  // without plan and receipt
  // One value of a job's ledger, without an event.
  Status note(const std::string& job_id, const std::string& key, const std::string& value);
  Result<Submitted> create(const Job& job, const std::string& idempotency_key,
                           const std::string& body_digest);
  Status sweep_keys();

  std::unique_ptr<Database> database_;
  EventLog events_;
  IdempotencyKeys keys_;
  // A record's change holds its job's lock alone; segments and events of a job only keep its record from
  // going away.
  Stripes job_locks_;
  Stripes key_locks_;
};

}  // namespace millrace::engine
