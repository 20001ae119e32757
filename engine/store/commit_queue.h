// CommitQueue turns the batches of threads that come together into one synced write: where a sync takes
// milliseconds, eight writers then wait for one each instead of for two. Safe to call from any thread.
#pragma once

#include <rocksdb/write_batch.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

class CommitQueue {
 public:
  // Writes all batches or none, durably. Called by one thread at a time.
  using Write = std::function<Status(std::span<rocksdb::WriteBatch* const> batches)>;
  // How long a writer waits for those who wrote with the write before, given how long that write took.
  using Patience = std::function<std::chrono::nanoseconds(std::chrono::nanoseconds last_write)>;

  explicit CommitQueue(Write write, Patience patience = a_quarter_of_a_write);

  // Returns what became of the write that held the batch.
  Status commit(rocksdb::WriteBatch& batch);

  std::size_t waiting();  // batches that no write has taken yet

  // A quarter of the write before, at most a millisecond: less than what a write too many would take.
  static std::chrono::nanoseconds a_quarter_of_a_write(std::chrono::nanoseconds last_write);

 private:
  struct Waiting {
    rocksdb::WriteBatch* batch;
    Status status;
    bool written = false;
  };
  void write_all(std::unique_lock<std::mutex>& lock);

  const Write write_;
  const Patience patience_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable finished_;
  std::vector<Waiting*> waiting_;
  bool writing_ = false;
  // Who wrote last, and who came meanwhile: as many are likely to come again.
  std::size_t expected_ = 1;
  std::chrono::nanoseconds last_write_{0};
};

}  // namespace millrace::engine
