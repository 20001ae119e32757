#include "engine/pipeline/queue_stage.h"

namespace millrace::engine {

QueueStage::QueueStage(std::size_t capacity, Sink<FramePtr>& out, FirstFailure& failure)
    : capacity_(capacity), out_(out), failure_(failure), thread_([this] { drain(); }) {}

QueueStage::~QueueStage() {
  {
    std::lock_guard lock(mutex_);
    abandoned_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status QueueStage::push(FramePtr frame) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, failure_.token(), [this] { return frames_.size() < capacity_; }))
    return failure_.status();
  frames_.push_back(std::move(frame));
  lock.unlock();
  changed_.notify_all();
  return {};
}

void QueueStage::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

Status QueueStage::finish() {
  close();
  if (thread_.joinable()) thread_.join();
  return result_;
}

void QueueStage::drain() {
  result_ = pass_on();
  if (!result_.ok()) failure_.report(result_);
}

Status QueueStage::pass_on() {
  while (true) {
    FramePtr frame;
    {
      std::unique_lock lock(mutex_);
      const bool ready =
          changed_.wait(lock, failure_.token(), [this] { return !frames_.empty() || closed_ || abandoned_; });
      if (!ready || failure_.token().stop_requested()) return failure_.status();
      if (abandoned_) return Status(Code::cancelled, "the queue was given up before its end");
      if (frames_.empty()) break;
      frame = std::move(frames_.front());
      frames_.pop_front();
    }
    changed_.notify_all();
    if (Status status = out_.push(std::move(frame)); !status.ok()) return status;
  }
  return out_.finish();
}

}  // namespace millrace::engine
