// FirstFailure joins the threads of one task: the first failure is kept, and the others are asked to stop.
// Safe to call from any thread.
#pragma once

#include <mutex>
#include <stop_token>

#include "engine/base/status.h"

namespace millrace::engine {

class FirstFailure {
 public:
  // A stop of `outer` stops this task too.
  explicit FirstFailure(std::stop_token outer = {});

  void report(const Status& failure);
  std::stop_token token() const { return stop_.get_token(); }
  // The first failure; cancelled when there is none but a stop was asked for; else ok.
  Status status() const;

 private:
  struct Forward {
    std::stop_source stop;
    void operator()() { stop.request_stop(); }
  };
  mutable std::mutex mutex_;
  Status first_;
  std::stop_source stop_;
  std::stop_callback<Forward> from_outer_;
};

}  // namespace millrace::engine
