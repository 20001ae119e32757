// RunControl: what others ask of a job's run while it is under way: to stop, to pause, to leave an output
// out. Safe to call from any thread.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>

namespace millrace::engine {

class RunControl {
 public:
  RunControl() = default;
  RunControl(const RunControl&) = delete;
  RunControl& operator=(const RunControl&) = delete;

  // Now: what is being made is given up.
  void stop();
  // At the pictures' next segment edge; a run that has none under way, now.
  void pause();
  // The output's own tasks end now and its files go; the other outputs go on. False: too late, its files are
  // being published. A name that the run does not know is left out too.
  bool leave_out(const std::string& output);

  // ---- the run's side ----

  std::stop_token stopped() const { return stop_.get_token(); }
  std::stop_token paused() const { return pause_.get_token(); }
  // Stopped once that output is left out.
  std::stop_token left_out(const std::string& output);
  std::set<std::string> left_out() const;
  // What is left out for good: from here on leave_out() is too late.
  std::set<std::string> close_outputs();

 private:
  std::stop_source stop_;
  std::stop_source pause_;
  mutable std::mutex mutex_;  // of all below
  std::map<std::string, std::stop_source> outputs_;
  std::set<std::string> left_out_;
  bool closed_ = false;
};

}  // namespace millrace::engine
