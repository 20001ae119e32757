// bench_spec: the job that a measurement is made of, by a profile's name or from a file.
#pragma once

#include <string>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"

namespace millrace::bench {

// The spec of the profile with that name, or in the file of that name, with another input. invalid_argument
// for neither, and for a spec with a trim.
engine::Result<engine::JobSpec> bench_spec(const std::string& profile, const std::string& input_url);

}  // namespace millrace::bench
