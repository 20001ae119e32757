// JobService: what can be asked about jobs, whoever asks: HTTP, the command line, tests. Safe to call from
// any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job.h"
#include "engine/store/store.h"

namespace millrace::engine {

class JobService {
 public:
  virtual ~JobService() = default;

  // Validates, stores and queues a spec. `created` is false when the idempotency key named an earlier job.
  virtual Result<Store::Submitted> submit(const std::string& spec_json,
                                          const std::string& idempotency_key) = 0;
  // The plan of a spec, not run (dry_run); JSON.
  virtual Result<nlohmann::ordered_json> plan(const std::string& spec_json) = 0;
  virtual Result<nlohmann::ordered_json> inspect(const std::string& url) = 0;

  virtual Result<Job> get(const std::string& id) = 0;
  virtual Result<JobPage> list(const JobFilter& filter) = 0;
  virtual Result<Job> cancel(
      const std::string& id) = 0;  // a final job: invalid_argument... its state stands in the message
  virtual Result<Job> retry(const std::string& id) = 0;  // a failed or cancelled job goes back to the queue
  virtual Result<Job> pause(const std::string& id) = 0;  // at the next segment edge; queued jobs at once
  virtual Result<Job> resume(const std::string& id) = 0;
  virtual Status erase(const std::string& id) = 0;  // a final job and its files

  // The folder with a job's files, whole segments of a running one included. not_found.
  virtual Result<std::filesystem::path> folder(const std::string& id) = 0;

  virtual Result<std::vector<Event>> events_after(std::uint64_t number, const std::string& job_id,
                                                  int limit) = 0;
  virtual std::uint64_t last_event() const = 0;
  // Called with every new event, from the thread that made it; keep it short. Gives a number for
  // unsubscribe().
  virtual int subscribe(std::function<void(const Event&)> listener) = 0;
  virtual void unsubscribe(int subscription) = 0;

  // The inventory as JSON.
  virtual nlohmann::ordered_json hardware() = 0;
  // Ok, or why new work cannot be taken now ("the disk of /data is full").
  virtual Status ready() = 0;
};

}  // namespace millrace::engine
