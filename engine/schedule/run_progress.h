// RunProgress: how far a run is, how fast, and how long it will take. Time is handed in; not thread safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/job/job.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

class RunProgress {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // The plan says how long the job's media is, and which outputs there will be.
  void planned(const Plan& plan);
  void enter(Phase phase);
  // The place in the job's media that the pictures, one sound, or one task of OutputTasks has reached.
  void pictures_at(double media_seconds, Time now);
  void sound_at(std::size_t sound, double media_seconds, Time now);
  void output_at(std::size_t task, double media_seconds, Time now);
  // An output is whole, packaging included; or a subtitle.
  void output_made(std::size_t task);
  // The output of that name is not made after all: it counts for nothing, and is shown no more.
  void left_out(const std::string& output);
  void finished();

  // True at most five times a second; the first call after a change of phase is always true. Counts as told.
  bool due(Time now);
  Progress progress() const;

 private:
  // One output, or one subtitle.
  struct Task {
    std::string name;   // empty: a subtitle
    double weight = 0;  // of its own coding in the processing phase; 0: it has none
    double at = 0;      // media seconds
    bool made = false;
  };

  double processed() const;  // share of the processing phase
  double segments_made() const;
  double packaged() const;  // share of the packaging phase
  double place() const;     // in the job's media, for people
  double share_of(double media_seconds) const;
  double own_share(const Task& task) const;
  OutputProgress progress_of(const Task& task) const;
  void measure(Time now);

  Phase phase_ = Phase::checking;
  bool phase_told_ = false;
  std::optional<Time> told_;
  double duration_seconds_ = 0;  // 0: not known
  bool has_pictures_ = false;
  double pictures_at_ = 0;
  std::vector<double> sounds_at_;
  std::vector<Task> tasks_;
  bool finished_ = false;
  mutable double most_done_ = 0;  // a bar does not go back when a range is given out again

  struct Sample {
    Time time;
    double media_seconds;
  };
  std::optional<Sample> sample_;
  double speed_ = 0;
};

}  // namespace millrace::engine
