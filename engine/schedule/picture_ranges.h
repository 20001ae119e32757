// PictureRanges makes the segments of a job's pictures: in one range, or in several at once, each by a worker
// of its own. One object for one run; make() is called once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "engine/plan/plan.h"
#include "engine/schedule/job_books.h"
#include "engine/schedule/open_ranges.h"
#include "engine/schedule/run_control.h"
#include "engine/schedule/task_retries.h"
#include "engine/work/worker_pool.h"

namespace millrace::engine {

// Called from the threads of the ranges. All of it outlives the ranges.
struct PictureRangeParts {
  const Plan& plan;
  const std::filesystem::path& output_folder;
  WorkerPool& workers;
  JobBooks& books;
  const RetryParts& retries;
  RunControl& control;
  bool watched_early = false;                    // first segments before all else
  std::function<Plan()> wanted;                  // what of the plan is not left out by now
  std::function<void()> booked;                  // after each segment
  std::function<void(double media_seconds)> at;  // media that all of them together have been through
};

class PictureRanges {
 public:
  explicit PictureRanges(PictureRangeParts parts) : parts_(std::move(parts)) {}

  // Ok once every wanted track is whole and its end booked. A range that fails is given out again where
  // treatment_of() its failure says so; any other failure stops the other ranges and is the one told.
  // cancelled after a stop, and after a pause: each range ends at its next edge then.
  Status make(const std::stop_token& stop);

 private:
  struct Work {
    SegmentRange range;
    bool smallest_alone = false;
    double at = 0;  // media seconds since the range's first segment
  };

  // What is made before all else, and by itself; none: nothing of the kind is left to do.
  std::optional<Work> head() const;
  // Makes parts of what is open until nothing is.
  Status work(const std::stop_token& stop);
  Status make(Work& work, const std::stop_token& stop);
  RangeTask task_for(const Work& work) const;
  Status settle(const Work& work, const RangeTask& task, const TaskEnd& end, const std::stop_token& stop);
  // Books the end of the tracks, after a look at what they have.
  Status close(const std::vector<std::string>& tracks);
  std::optional<SegmentRange> take();
  void give_back(const Work& work);
  void tell(Work& work, double at);
  bool is_halted(const std::stop_token& stop) const {
    return stop.stop_requested() || parts_.control.paused().stop_requested();
  }
  double seconds_before(std::int64_t segment) const;

  const PictureRangeParts parts_;
  std::mutex mutex_;  // of all below
  std::vector<SegmentRange> busy_;
  std::optional<std::int64_t> source_end_;  // segments in all, once a range has come to the end
  double made_ = 0;  // media seconds of ranges that ended, and of what there was before
  std::vector<const Work*> under_way_;
};

}  // namespace millrace::engine
