// JobRecords changes job records: reads one, lets the caller alter it, writes it with an event, and lets
// nobody else alter that job's record meanwhile. Safe to call from any thread.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <string>

#include "engine/base/status.h"
#include "engine/store/store.h"

namespace millrace::engine {

// The event that goes with a change; an empty type: none.
struct News {
  std::string type;
  std::string data;  // JSON
};
// "queued", "started", "paused", "completed", "failed" or "cancelled", with the record's short form.
News state_news(const Job& job);

class JobRecords {
 public:
  // `store` must outlive this.
  explicit JobRecords(Store& store) : store_(store) {}

  // The record as it was written. A failure of `alter` leaves it as it was, and is returned. Neither
  // function, nor a listener of the event, may change records.
  Result<Job> change(const std::string& id, const std::function<Status(Job&)>& alter,
                     const std::function<News(const Job&)>& news = state_news);

 private:
  Store& store_;
  std::array<std::mutex, 64> locks_;
};

// The sentence for a job whose state does not allow what was asked.
Status refuse_state(const Job& job, const std::string& what_can);

}  // namespace millrace::engine
