// Profiles: kinds of work that people ask capacity for, each a spec without its input. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"

namespace millrace::engine {

struct Profile {
  std::string name;     // "ladder-h264-veryfast"
  std::string text;     // what it is, for people
  std::string outputs;  // of a spec, as JSON
};

// In the order of what they cost, the dearest first.
const std::vector<Profile>& profiles();

// The profile's spec for this input. invalid_argument names the profiles there are.
Result<JobSpec> profile_spec(std::string_view name, const std::string& input_url);

}  // namespace millrace::engine
