#include "engine/store/commit_queue.h"

#include <algorithm>
#include <utility>

namespace millrace::engine {

CommitQueue::CommitQueue(Write write, Patience patience)
    : write_(std::move(write)), patience_(std::move(patience)) {}

std::chrono::nanoseconds CommitQueue::a_quarter_of_a_write(std::chrono::nanoseconds last_write) {
  return std::min<std::chrono::nanoseconds>(last_write / 4, std::chrono::milliseconds(1));
}

Status CommitQueue::commit(rocksdb::WriteBatch& batch) {
  Waiting self{&batch, {}, false};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&self);
  arrived_.notify_one();
  finished_.wait(lock, [&] { return self.written || !writing_; });
  if (!self.written) write_all(lock);
  return std::move(self.status);
}

std::size_t CommitQueue::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void CommitQueue::write_all(std::unique_lock<std::mutex>& lock) {
  writing_ = true;
  // A lone writer expects nobody, and a writer whose companions stay away waits for them once.
  arrived_.wait_for(lock, patience_(last_write_), [this] { return waiting_.size() >= expected_; });
  const std::vector<Waiting*> together = std::exchange(waiting_, {});
  lock.unlock();
  std::vector<rocksdb::WriteBatch*> batches;
  for (const Waiting* each : together) batches.push_back(each->batch);
  const auto begin = std::chrono::steady_clock::now();
  const Status status = write_(batches);
  const auto took = std::chrono::steady_clock::now() - begin;
  lock.lock();
  last_write_ = took;
  expected_ = together.size() + waiting_.size();
  for (Waiting* each : together) {
    each->status = status;
    each->written = true;
  }
  writing_ = false;
  finished_.notify_all();
}

}  // namespace millrace::engine
