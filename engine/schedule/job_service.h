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
#include "engine/job/job_spec.h"
#include "engine/schedule/metric.h"
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
  virtual Result<nlohmann::ordered_json> inspect(const JobSpec& input) = 0;  // what its input is; JSON

  virtual Result<Job> get(const std::string& id) = 0;
  virtual Result<JobPage> list(const JobFilter& filter) = 0;
  virtual Result<Job> cancel(
      const std::string& id) = 0;  // a final job: invalid_argument... its state stands in the message
  // Stops one output of a job that has not ended; the others go on. The last one that is left: cancels the
  // job. not_found: the job has no output of that name; invalid_argument: it is cancelled already, it is
  // being published, or the job has ended.
  virtual Result<Job> cancel_output(const std::string& id, const std::string& name) = 0;
  virtual Result<Job> retry(const std::string& id) = 0;  // a failed or cancelled job goes back to the queue
  // At the next segment edge; queued jobs at once. A job that waits for room: it waits for a person now.
  virtual Result<Job> pause(const std::string& id) = 0;
  virtual Result<Job> resume(const std::string& id) = 0;
  virtual Status erase(const std::string& id) = 0;  // a final job and its files

  // The folder with a job's files, whole segments of a running one included. not_found.
  virtual Result<std::filesystem::path> folder(const std::string& id) = 0;

  virtual Result<std::vector<Event>> events_after(std::uint64_t number, const std::string& job_id,
                                                  int limit) = 0;
  virtual std::uint64_t last_event() const = 0;
  // As Store's: a job that is final has been told of whole once this was.
  virtual Result<std::uint64_t> newest_event_of(const std::string& job_id) = 0;
  // Called with every new event, from the thread that made it; keep it short. Gives a number for
  // unsubscribe().
  virtual int subscribe(std::function<void(const Event&)> listener) = 0;
  virtual void unsubscribe(int subscription) = 0;

  // A copy of the store beside it, in the backups folder of the data folder, where the youngest seven stay.
  // One at a time: resource_exhausted while another is made.
  virtual Result<StoreCopy> back_up() = 0;

  // The inventory as JSON.
  virtual nlohmann::ordered_json hardware() = 0;
  // What operators watch, as it is now.
  virtual std::vector<Metric> metrics() = 0;
  // What this machine carries of a profile (engine/job/profiles.h), and what of it is free, as JSON; an empty
  // name: of all. invalid_argument names the profiles there are.
  virtual Result<nlohmann::ordered_json> capacity(const std::string& profile) = 0;
  // Ok, or why new work cannot be taken now ("the disk of /data is full").
  virtual Status ready() = 0;
};

}  // namespace millrace::engine
