// One job from source to receipt, for the daemon and the one-shot program alike. Blocking.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job.h"
#include "engine/job/job_spec.h"
#include "engine/plan/plan.h"
#include "engine/plan/segment.h"
#include "engine/verify/receipt.h"
#include "engine/work/worker_pool.h"
#include "hw/inventory.h"

namespace millrace::engine {

// Where finished segments are booked. Must be durable before a call returns, where the job is to survive.
// Called from several threads at once, of one track from one.
class Ledger {
 public:
  virtual ~Ledger() = default;
  virtual Status commit(const FinishedSegment& segment) = 0;
  virtual Result<std::vector<FinishedSegment>> segments() = 0;
  // Takes out the segments of a track with this index or a larger one, and its end; from 0 on, what it lost
  // too. An empty track: of all tracks.
  virtual Status forget(const std::string& track, std::int64_t first_index) = 0;
  // The track's task has ended: it has segments [0, end_segment) and no more.
  virtual Status note_end(const std::string& track, std::int64_t end_segment) = 0;
  virtual Result<std::map<std::string, std::int64_t>> ends() = 0;
  // What damage took of a track, where that is accepted; instead of what was noted before.
  virtual Status note_lost(const std::string& track, const std::vector<std::string>& sentences) = 0;
  virtual Result<Losses> lost() = 0;
};

// Hears how a job goes. Called from the job's threads, one call at a time.
class JobObserver {
 public:
  virtual ~JobObserver() = default;
  // Before the first segment; a failure (cannot be stored) ends the job.
  virtual Status planned(const Plan& plan) = 0;
  virtual void progress(const Progress& progress) = 0;
  // A task failed and is given out again.
  virtual void retrying(const Retry& /*retry*/) {}
};

struct JobRun {
  JobSpec spec;
  // Exists, and is the run's alone: files appear in it as they are whole, what else lies there may go.
  std::filesystem::path output_folder;
  int cores = 1;
  // Of the attempt before: its segments go on when the source is still the same. None, or another source: the
  // ledger and the folder are emptied and everything is made anew.
  std::optional<Plan> plan;
  // First segments are made before all else, the smallest rendition's and then the others', so that they can
  // be watched within seconds; their pictures are decoded twice then.
  bool watched_early = true;
  // What attempts before did more carefully from some moment on: with their plan that is taken over too.
  std::vector<Retry> steps_down{};
};

// Inspects, plans, runs range, sound and output tasks in workers, keeps playlists growing, packages,
// verifies, writes receipt.json. A task that fails is given out again where treatment_of() its failure says
// so, a range from the first uncommitted segment. The receipt as JSON.
Result<nlohmann::ordered_json> run_job(const JobRun& run, WorkerPool& workers, const hw::Inventory& machine,
                                       Ledger& ledger, JobObserver& observer, std::stop_token stop);

}  // namespace millrace::engine
