// What a plan's work costs this machine's CPU: the reference machine's figures (a table in cost.cpp) times
// what was learned here. Pure.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// One kind of work in a second of the media.
struct Work {
  std::string kind;          // "decode h264", "encode hevc veryfast", "tone_map", "sound aac", "stills"
  double units = 0;          // millions of pixels; of sounds: pairs of channels
  double picture_units = 0;  // of one picture: small ones cost more for each pixel
};

// What the CPU does: not what of the renditions is on another device. A source whose frame rate is not known
// counts as one at 30. Empty for a plan that only copies.
std::vector<Work> work_of(const Plan& plan);

// What was learned on a machine. Without anything learned, it is the reference machine.
struct CostModel {
  // Of a kind of work: this machine's time over the reference machine's. A kind that is not here takes the
  // mean of those that are.
  std::map<std::string, double> factors;
  bool operator==(const CostModel&) const = default;
};

// Starting workers and looking at the source, in CPU seconds a job.
double start_seconds(const CostModel& model);

// CPU seconds in a second of the media: the cores that the plan takes where it keeps pace with it.
double cores_of(const Plan& plan, const CostModel& model);

// Learns from a run of the plan over so many seconds of media. The first run moves all of its kinds of work
// alike, by `weight` (0 to 1): so fast is the machine. From then on each moves by its share in the run, the
// largest by all of `weight`. A run outside a tenth and ten times
// of what was expected teaches nothing (a machine asleep, a clock that jumped), nor does one below a second.
// False: nothing was learned.
bool learn(CostModel& model, const Plan& plan, double media_seconds, double cpu_seconds, double weight);

nlohmann::ordered_json to_json(const CostModel& model);
// corrupt_input, with the field, for what is no model.
Result<CostModel> cost_model_from_json(const nlohmann::ordered_json& json);

}  // namespace millrace::engine
