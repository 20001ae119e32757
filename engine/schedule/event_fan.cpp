#include "engine/schedule/event_fan.h"

#include <utility>
#include <vector>

namespace millrace::engine {

void EventFan::tell(const Event& event) {
  const std::lock_guard lock(mutex_);
  std::vector<int> subscriptions;
  for (const auto& [subscription, listener] : subscribers_) subscriptions.push_back(subscription);
  for (const int subscription : subscriptions) {
    const auto found = subscribers_.find(subscription);
    if (found == subscribers_.end()) continue;  // gone since
    const std::shared_ptr<const Listener> listener = found->second;
    (*listener)(event);
  }
}

int EventFan::subscribe(Listener listener) {
  const std::lock_guard lock(mutex_);
  subscribers_.emplace(++last_, std::make_shared<const Listener>(std::move(listener)));
  return last_;
}

void EventFan::unsubscribe(int subscription) {
  const std::lock_guard lock(mutex_);
  subscribers_.erase(subscription);
}

}  // namespace millrace::engine
