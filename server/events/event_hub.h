// EventHub hands every new event to all who listen now, each through a queue of its own with a limit: one
// that does not read costs the others nothing. Safe to call from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/schedule/job_service.h"

namespace millrace::server {

// An event as it goes over the wire, made once for all who listen.
struct EventFrame {
  std::uint64_t number = 0;
  bool ends_job = false;
  std::string text;
};

// One listener's queue. Filled by the hub, emptied by its owner.
class EventQueue {
 public:
  // `wake` is called from the thread that makes an event, after something was put in or dropped. It may post
  // work elsewhere and nothing more: the hub is locked meanwhile.
  EventQueue(std::string job_id, std::size_t limit_bytes, std::function<void()> wake);

  // Everything that waits, oldest first.
  std::deque<std::shared_ptr<const EventFrame>> take();
  // True when more came than the limit holds; the queue takes nothing any more.
  bool overflowed() const;
  // After an overflow: empty again and taking. What was lost has to be read from the store.
  void restart();

 private:
  friend class EventHub;
  void put(const engine::Event& event, const std::shared_ptr<const EventFrame>& frame);

  const std::string job_id_;  // empty: all jobs
  const std::size_t limit_bytes_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const EventFrame>> frames_;
  std::size_t bytes_ = 0;
  bool overflowed_ = false;
};

class EventHub {
 public:
  // Subscribes to `service`, which must outlive the hub.
  explicit EventHub(engine::JobService& service);
  ~EventHub();
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  // Events from now on; of one job, or of all when `job_id` is empty. Ends when the queue is let go.
  std::shared_ptr<EventQueue> listen(std::string job_id, std::size_t limit_bytes, std::function<void()> wake);

  // Once it returns, no queue is filled or woken any more.
  void close();

 private:
  // Outlives the hub while an event is on its way.
  struct Listeners {
    std::mutex mutex;
    bool closed = false;
    std::vector<std::weak_ptr<EventQueue>> queues;
    void hear(const engine::Event& event);
  };

  engine::JobService& service_;
  std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();
  int subscription_ = 0;
};

}  // namespace millrace::server
