// OutputTasks makes what tasks of their own make whole: every output but adaptive ones, and subtitles. A task
// is known by its number, as in OutputTask: an index into the plan's outputs, past them into its subtitles.
// Its files are booked as the segments of a track. One thread at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

#include "engine/plan/plan.h"
#include "engine/schedule/job_books.h"
#include "engine/schedule/run_control.h"
#include "engine/schedule/task_retries.h"
#include "engine/work/worker_pool.h"

namespace millrace::engine {

struct OutputTaskParts {
  const Plan& plan;
  const std::filesystem::path& output_folder;
  WorkerPool& workers;
  JobBooks& books;
  const RetryParts& retries;
  RunControl& control;
  std::function<void()> booked;  // called after each file
  std::function<void(std::size_t task, double media_seconds)> at;
  std::function<void(std::size_t task)> made;
};

class OutputTasks {
 public:
  explicit OutputTasks(OutputTaskParts parts) : parts_(std::move(parts)) {}

  // All that needs no segments, one after another: subtitles first, because playlists wait for them. What is
  // whole is not made again; the rest starts over, and its files go first. A task that fails is given out
  // again where treatment_of() its failure says so; else its failure ends it at once.
  Status make_alone(const std::stop_token& stop);
  // One file that is joined from segments, all of which are there.
  Status join(std::size_t output, const std::stop_token& stop);

  // Takes all of their files away.
  static Status remove_files(const Plan& plan, const std::filesystem::path& output_folder);

 private:
  // Nothing, where no output wants it.
  Status make(std::size_t task, const std::stop_token& stop);
  Status make_whole(std::size_t task, const std::stop_token& stop);
  void name_segments(const std::string& track, OutputTask& task) const;
  // Leaves of a task's files those that are `kept` and what is not the task's.
  Status sweep(std::size_t task, const std::set<std::string>& kept) const;

  const OutputTaskParts parts_;
};

// The track of a task: an output's path, a subtitle's folder.
const std::string& track_of_task(const Plan& plan, std::size_t task);

}  // namespace millrace::engine
