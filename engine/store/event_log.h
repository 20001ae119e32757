// EventLog: the numbered events of all jobs, kept for replay; the oldest go when there are too many. Safe to
// call from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store/database.h"
#include "engine/store/event_order.h"

namespace millrace::engine {

class EventLog {
 public:
  // `database` must outlive the log. About `kept` events stay.
  EventLog(Database& database, std::uint64_t kept);
  Status open();  // finds the last number; once, before anything else

  // Writes the batch with an event in it, then tells the listener. An empty type writes the batch alone.
  Status commit(rocksdb::WriteBatch& batch, const std::string& job_id, const std::string& type,
                const std::string& data);
  // Adds to a batch: the job's events go.
  Status erase_of(rocksdb::WriteBatch& batch, const std::string& job_id);

  // Oldest first, of one job or (empty) of all.
  Result<std::vector<Event>> after(std::uint64_t number, const std::string& job_id, int limit) const;
  // internal when the record is not one of ours.
  static Result<Event> event_from(std::uint64_t number, std::string_view record);
  // The job's newest event on disk, which last() may not have reached yet; 0: there is none any more.
  Result<std::uint64_t> newest_of(const std::string& job_id) const;
  std::uint64_t last() const { return order_.settled(); }
  void set_listener(std::function<void(const Event&)> listener) { order_.set_listener(std::move(listener)); }

 private:
  void prune(std::uint64_t newest);

  Database& database_;
  const std::uint64_t kept_;
  EventOrder order_;
  std::mutex prune_mutex_;
  std::uint64_t pruned_to_ = 0;  // no event below this number is left
};

}  // namespace millrace::engine
