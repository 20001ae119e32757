// EventFan passes the store's events on to any number of subscribers. Safe to call from any thread; a
// subscriber may unsubscribe itself. Whoever holds a lock that a subscriber takes must not call it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "engine/store/store.h"

namespace millrace::engine {

class EventFan {
 public:
  using Listener = std::function<void(const Event&)>;

  void tell(const Event& event);
  int subscribe(Listener listener);
  // Once it returns, the subscriber is not called again, and no call to it is under way in another thread.
  void unsubscribe(int subscription);

 private:
  std::recursive_mutex mutex_;
  std::map<int, std::shared_ptr<const Listener>> subscribers_;
  int last_ = 0;
};

}  // namespace millrace::engine
