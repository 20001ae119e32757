#include "engine/schedule/until_unwanted.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/plan/without_outputs.h"

namespace millrace::engine {

UntilUnwanted::UntilUnwanted(const Plan& plan, std::vector<std::string> tracks, RunControl& control,
                             const std::stop_token& stop)
    : plan_(plan), tracks_(std::move(tracks)), control_(control) {
  callbacks_.push_back(std::make_unique<Callback>(stop, [this] { source_.request_stop(); }));
  for (const PlannedOutput& output : plan.outputs)
    callbacks_.push_back(std::make_unique<Callback>(control.left_out(output.name), [this] { look(); }));
  look();
}

void UntilUnwanted::look() {
  const std::set<std::string> left_out = control_.left_out();
  const bool all_wanted = std::all_of(tracks_.begin(), tracks_.end(), [&](const std::string& track) {
    return is_wanted(plan_, track, left_out);
  });
  if (all_wanted) return;
  unwanted_ = true;
  source_.request_stop();
}

Status while_wanted(const Plan& plan, const std::string& track, RunControl& control,
                    const std::stop_token& stop, const std::function<Status(const std::stop_token&)>& make) {
  const UntilUnwanted until(plan, {track}, control, stop);
  if (until.unwanted()) return {};
  Status status = make(until.token());
  return until.unwanted() ? Status() : status;
}

}  // namespace millrace::engine
