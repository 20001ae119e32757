// JobAttempts runs queued jobs, one call each, and books in their records how it went. Safe to call from any
// thread, for one job from one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "engine/base/status.h"
#include "engine/plan/placement.h"
#include "engine/schedule/bundle_cut.h"
#include "engine/schedule/calibration_book.h"
#include "engine/schedule/client_words.h"
#include "engine/schedule/input_policy.h"
#include "engine/schedule/job_folders.h"
#include "engine/schedule/job_records.h"
#include "engine/schedule/publisher.h"
#include "engine/schedule/room_ledger.h"
#include "engine/schedule/run_control.h"
#include "engine/schedule/run_job.h"
#include "engine/schedule/step_down_count.h"
#include "hw/inventory.h"

namespace millrace::engine {

// What an attempt works with; all of it outlives the attempts.
struct AttemptParts {
  Store& store;
  JobRecords& records;
  const JobFolders& folders;
  const InputPolicy& policy;
  const ClientWords& words;
  WorkerPool& workers;
  // As it is now.
  std::function<std::shared_ptr<const hw::Inventory>()> machine;
  const Publisher& publisher;
  RoomLedger& room;
  // As RetryParts::wait; empty: by the system's clock.
  std::function<void(std::chrono::milliseconds, const std::stop_token&)> wait = {};
  CalibrationBook* calibration = nullptr;  // learns from jobs that are done
  // As in RunParts. Empty: a job uses the CPU alone.
  std::function<DeviceChoices()> devices = {};
  std::function<void(const StageFailure&)> remember = {};
  std::function<void()> lost_device = {};
  std::function<void(const StepDown&)> stepped_down = {};
  // For the search for the part of a source that fails.
  std::chrono::milliseconds longest_cut = BundleCutParts::kLongest;
};

class JobAttempts {
 public:
  explicit JobAttempts(const AttemptParts& parts) : parts_(parts) {}

  // From queued to whatever comes of it. Who wants the job stopped writes the state it shall have (paused,
  // cancelled) and then asks for the stop; a stop or a pause of a job that is still `running` puts it back
  // into the queue. Room is reserved for it once it is planned; one that finds none, then or later, is paused
  // and says what it waits for, ten times in a row at most. A job that was cancelled before shows no files
  // afterwards. A failure says that the job could not be started and is queued as before.
  Status run(const std::string& id, int cores, RunControl& control);

  // From now on an outcome that cannot be written is left to the next start of the daemon.
  void give_up() { giving_up_.request_stop(); }

 private:
  class Observer;

  Result<nlohmann::ordered_json> work(const Job& job, int cores, RunControl& control);
  // `failure`: the outcome's, before it was put into words for clients.
  Status book(const std::string& id, const Result<nlohmann::ordered_json>& outcome, const Status& failure,
              bool halted);
  // What a job cost that ran in one go teaches how fast this machine is.
  void learn_from(const std::string& id, const nlohmann::ordered_json& receipt) const;
  // Before the record says that the job failed: from then on it may be deleted.
  void keep_bundle(const Job& job, const Status& failure) const;
  // After that: as long as it takes, the run is not over, so that nobody deletes or starts the job.
  void cut_bundle_of(const std::string& id, int cores, const std::stop_token& stop) const;

  const AttemptParts& parts_;
  std::stop_source giving_up_;
};

}  // namespace millrace::engine
