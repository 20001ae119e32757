#include "server/events/event_hub.h"

#include "server/events/sse.h"

namespace millrace::server {

EventQueue::EventQueue(std::string job_id, std::size_t limit_bytes, std::function<void()> wake)
    : job_id_(std::move(job_id)), limit_bytes_(limit_bytes), wake_(std::move(wake)) {}

std::deque<std::shared_ptr<const EventFrame>> EventQueue::take() {
  const std::lock_guard lock(mutex_);
  bytes_ = 0;
  return std::exchange(frames_, {});
}

bool EventQueue::overflowed() const {
  const std::lock_guard lock(mutex_);
  return overflowed_;
}

void EventQueue::restart() {
  const std::lock_guard lock(mutex_);
  frames_.clear();
  bytes_ = 0;
  overflowed_ = false;
}

void EventQueue::put(const engine::Event& event, const std::shared_ptr<const EventFrame>& frame) {
  if (!job_id_.empty() && job_id_ != event.job_id) return;
  {
    const std::lock_guard lock(mutex_);
    if (overflowed_) return;
    if (bytes_ + frame->text.size() > limit_bytes_) {
      overflowed_ = true;
      frames_.clear();
      bytes_ = 0;
    } else {
      frames_.push_back(frame);
      bytes_ += frame->text.size();
    }
  }
  wake_();
}

void EventHub::Listeners::hear(const engine::Event& event) {
  const std::lock_guard lock(mutex);
  if (closed) return;
  std::shared_ptr<const EventFrame> frame;
  std::erase_if(queues, [&](const std::weak_ptr<EventQueue>& each) {
    const auto queue = each.lock();
    if (!queue) return true;
    if (!frame)
      frame = std::make_shared<const EventFrame>(
          EventFrame{event.number, ends_a_job(event.type), sse_frame(event)});
    queue->put(event, frame);
    return false;
  });
}

void EventHub::close() {
  const std::lock_guard lock(listeners_->mutex);
  listeners_->closed = true;
}

EventHub::EventHub(engine::JobService& service) : service_(service) {
  subscription_ =
      service_.subscribe([listeners = listeners_](const engine::Event& event) { listeners->hear(event); });
}

EventHub::~EventHub() {
  service_.unsubscribe(subscription_);
  close();
}

std::shared_ptr<EventQueue> EventHub::listen(std::string job_id, std::size_t limit_bytes,
                                             std::function<void()> wake) {
  auto queue = std::make_shared<EventQueue>(std::move(job_id), limit_bytes, std::move(wake));
  const std::lock_guard lock(listeners_->mutex);
  listeners_->queues.push_back(queue);
  return queue;
}

}  // namespace millrace::server
