// QueueStage hands items to a thread of its own, which pushes them on. The queue is bounded: a slow consumer
// slows the producer down. push, close and finish belong to one producer thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/pipeline/first_failure.h"
#include "engine/pipeline/sink.h"

namespace millrace::engine {

template <class T>
class QueueStage final : public Sink<T> {
 public:
  // `out` is used by the new thread only, and by nobody once finish() or the destructor returned.
  QueueStage(std::size_t capacity, Sink<T>& out, FirstFailure& failure)
      : capacity_(capacity), out_(out), failure_(failure), thread_([this] { drain(); }) {}
  ~QueueStage() override {
    {
      std::lock_guard lock(mutex_);
      abandoned_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  // Blocks while the queue is full. Fails with the task's first failure once any stage of the task has
  // failed.
  Status push(T item) override {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, failure_.token(), [this] { return items_.size() < capacity_; }))
      return failure_.status();
    items_.push_back(std::move(item));
    lock.unlock();
    changed_.notify_all();
    return {};
  }
  // Says that no more comes and does not wait.
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }
  // close(), then waits until everything went on and `out` has finished.
  Status finish() override {
    close();
    if (thread_.joinable()) thread_.join();
    return result_;
  }

 private:
  void drain() {
    result_ = pass_on();
    if (!result_.ok()) failure_.report(result_);
  }

  Status pass_on() {
    while (true) {
      T item;
      {
        std::unique_lock lock(mutex_);
        const bool ready = changed_.wait(lock, failure_.token(),
                                         [this] { return !items_.empty() || closed_ || abandoned_; });
        if (!ready || failure_.token().stop_requested()) return failure_.status();
        if (abandoned_) return Status(Code::cancelled, "the queue was given up before its end");
        if (items_.empty()) break;
        item = std::move(items_.front());
        items_.pop_front();
      }
      changed_.notify_all();
      if (Status status = out_.push(std::move(item)); !status.ok()) return status;
    }
    return out_.finish();
  }

  const std::size_t capacity_;
  Sink<T>& out_;
  FirstFailure& failure_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<T> items_;
  bool closed_ = false;
  bool abandoned_ = false;
  Status result_;
  std::thread thread_;
};

}  // namespace millrace::engine
