// UntilUnwanted: a stop for the task that makes some tracks. It comes with another stop, or as soon as no
// output that is not left out wants one of the tracks. One object for one task; its token may be given to any
// thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/plan/plan.h"
#include "engine/schedule/run_control.h"

namespace millrace::engine {

class UntilUnwanted {
 public:
  // `plan` and `control` outlive this.
  UntilUnwanted(const Plan& plan, std::vector<std::string> tracks, RunControl& control,
                const std::stop_token& stop);
  UntilUnwanted(const UntilUnwanted&) = delete;
  UntilUnwanted& operator=(const UntilUnwanted&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  // One of the tracks is wanted by nobody any more.
  bool unwanted() const { return unwanted_; }

 private:
  using Callback = std::stop_callback<std::function<void()>>;

  void look();

  const Plan& plan_;
  const std::vector<std::string> tracks_;
  RunControl& control_;
  std::stop_source source_;
  std::atomic<bool> unwanted_{false};
  std::vector<std::unique_ptr<Callback>> callbacks_;
};

// What `make` gives while the track is wanted, made with a stop that also comes once it is not; ok when it is
// not.
Status while_wanted(const Plan& plan, const std::string& track, RunControl& control,
                    const std::stop_token& stop, const std::function<Status(const std::stop_token&)>& make);

}  // namespace millrace::engine
