// The SOURCE of a command line as a URL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"

namespace millrace::server {

// A URL ("https://...", "file:///...", "upload:ID") as it is; a path as its absolute file: URL.
// invalid_argument for nothing.
engine::Result<std::string> url_of_source(std::string_view argument);

// The hosts of a spec's http inputs: whoever runs this machine may read from those that he names, be they
// public or not. What they lead to must be public.
std::vector<std::string> hosts_named_in(const engine::JobSpec& spec);

}  // namespace millrace::server
