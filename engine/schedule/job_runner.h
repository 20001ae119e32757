// JobRunner does what run_job() promises, with what tests need to turn. One object for one run.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/pipeline/first_failure.h"
#include "engine/plan/placement.h"
#include "engine/schedule/growing_playlists.h"
#include "engine/schedule/job_books.h"
#include "engine/schedule/output_tasks.h"
#include "engine/schedule/publisher.h"
#include "engine/schedule/run_control.h"
#include "engine/schedule/run_job.h"
#include "engine/schedule/run_progress.h"
#include "engine/schedule/sound_pace.h"
#include "engine/schedule/step_down_count.h"
#include "engine/schedule/task_retries.h"

namespace millrace::engine {

// All of it outlives the run.
struct RunParts {
  WorkerPool& workers;
  const hw::Inventory& machine;
  Ledger& ledger;
  JobObserver& observer;
  const Publisher& publisher;
  std::chrono::milliseconds between_playlists{500};
  std::function<RunProgress::Time()> now = std::chrono::steady_clock::now;
  // Before a task that failed is given out again; as RetryParts::wait.
  std::function<void(std::chrono::milliseconds, const std::stop_token&)> wait = wait_or_stop;
  DeviceChoices devices = {};  // for the plan
  // A stage failed on its device, for other reasons than want of room there and what the source does; empty:
  // nobody keeps that.
  std::function<void(const StageFailure&)> remember = {};
  // A task of a plan with stages on a device was lost, perhaps with the device; empty: nobody looks.
  std::function<void()> lost_device = {};
  // A task goes on more carefully; empty: nobody counts.
  std::function<void(const StepDown&)> stepped_down = {};
  RunControl* control = nullptr;  // pauses and outputs that are left out; null: neither will be asked for
};

class JobRunner {
 public:
  // Both must outlive the runner.
  JobRunner(const JobRun& run, const RunParts& parts);
  // Once. cancelled after a stop, and after a pause: at an edge of the pictures' segments, or at once where
  // none are under way. Outputs that are left out have neither files nor a place in the receipt.
  Result<nlohmann::ordered_json> run(std::stop_token stop);

 private:
  using Booked = std::function<void()>;

  // The steps of a run, in their order.
  // Inspects; takes over the plan before, or makes one and starts with nothing.
  Status decide(const std::stop_token& stop);
  Status take_stock();  // what the ledger has and the disk still has
  // Segments, and beside them what needs none.
  Status process(const std::stop_token& stop);
  Status package(const std::stop_token& stop);
  Result<nlohmann::ordered_json> publish(const std::stop_token& stop, double wall_seconds);
  Result<nlohmann::ordered_json> finish(nlohmann::ordered_json receipt);

  bool has_wanted_outputs(const Plan& plan) const;
  Result<Source> inspect(const std::stop_token& stop);
  // The receipt that a run before wrote as its last deed, without living to say so.
  std::optional<nlohmann::ordered_json> earlier_receipt() const;
  Status start_with_nothing();
  Status make_pictures(const Booked& booked, const std::stop_token& stop);
  Status make_sound(std::size_t sound, const Booked& booked, const std::stop_token& stop);
  // What of the plan is not left out by now; noted as such in the progress.
  Plan wanted_plan();
  bool leaves_out() const;
  bool is_halted(const std::stop_token& stop) const {
    return stop.stop_requested() || control_.paused().stop_requested();
  }
  // Books the end of tracks whose task ended well, after a look at what it brought.
  Status close(const std::vector<std::string>& tracks, std::int64_t least_segments, const TaskEnd& end);
  OutputTasks output_tasks(Booked booked);

  double seconds_before(std::int64_t segment) const;
  void enter(Phase phase);
  void tell(const std::function<void(RunProgress&)>& change);
  void wait(std::chrono::milliseconds time, const std::stop_token& stop);
  void retrying(const Retry& retry, const Status& failure);
  void remember(const Retry& retry) const;
  // Where the plan has the stage that failed; empty: it is not known which did.
  std::string device_that_failed(const Retry& retry) const;
  std::filesystem::path folder_of(const std::string& track) const { return run_.output_folder / track; }

  const JobRun& run_;
  const RunParts& parts_;
  RunControl own_control_;
  RunControl& control_;
  Plan plan_;
  bool taken_over_ = false;  // the plan is that of the attempt before, and so are the segments
  std::vector<std::string> picture_tracks_;  // of the plan, wanted or not
  std::vector<std::string> sound_tracks_;
  JobBooks books_;
  SoundPace pace_;
  JobCare care_;
  const RetryParts retries_;

  std::mutex progress_mutex_;
  RunProgress progress_;
};

}  // namespace millrace::engine
