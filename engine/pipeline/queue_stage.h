// QueueStage hands frames to a thread of its own, which pushes them on. The queue is bounded: a slow consumer
// slows the producer down. push, close and finish belong to one producer thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

#include "engine/pipeline/first_failure.h"
#include "engine/pipeline/sink.h"

namespace millrace::engine {

class QueueStage final : public Sink<FramePtr> {
 public:
  // `out` is used by the new thread only, and by nobody once finish() or the destructor returned.
  QueueStage(std::size_t capacity, Sink<FramePtr>& out, FirstFailure& failure);
  ~QueueStage() override;

  // Blocks while the queue is full. Fails with the task's first failure once any stage of the task has
  // failed.
  Status push(FramePtr frame) override;
  // Says that no more comes and does not wait.
  void close();
  // close(), then waits until everything went on and `out` has finished.
  Status finish() override;

 private:
  void drain();
  Status pass_on();

  const std::size_t capacity_;
  Sink<FramePtr>& out_;
  FirstFailure& failure_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<FramePtr> frames_;
  bool closed_ = false;
  bool abandoned_ = false;
  Status result_;
  std::thread thread_;
};

}  // namespace millrace::engine
