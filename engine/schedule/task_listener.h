// TaskListener hears of one task and passes it on: what is finished or lost to the job's books, how far it is
// to whoever shows it. Called from the thread that runs the task.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/pipeline/run_task.h"
#include "engine/schedule/job_books.h"

namespace millrace::engine {

class TaskListener final : public TaskObserver {
 public:
  // `tracks`: those that the task makes. `booked` is called after each of its segments. `enough` is passed on
  // as TaskObserver::enough().
  TaskListener(JobBooks& books, std::vector<std::string> tracks, std::function<void()> booked,
               std::function<void(double media_seconds)> at, std::stop_token enough = {});

  // internal for a segment of another track.
  Status segment_finished(const FinishedSegment& segment) override;
  void progress(const TaskProgress& progress) override { at_(progress.media_seconds); }
  void lost(const std::string& sentence) override;
  std::stop_token enough() const override { return enough_; }

 private:
  JobBooks& books_;
  const std::vector<std::string> tracks_;
  const std::function<void()> booked_;
  const std::function<void(double)> at_;
  const std::stop_token enough_;
  Status loss_;  // what could not be booked: the next segment is refused
};

}  // namespace millrace::engine
