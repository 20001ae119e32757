// `millrace probe-gpus`, the child process in which the probe asks drivers.
#pragma once

#include <string>

namespace millrace::server {

// Asks that kind's drivers ("nvidia", "vaapi"), writes what they say to the descriptor as JSON, and ends the
// process there: what drivers do at the end of a program is none of ours. Dies with its parent. Comes back
// only where the answer cannot be written, with an exit code.
int run_probe_gpus(const std::string& kind, int descriptor);

}  // namespace millrace::server
