// How long a worker that was asked to end its task may take, from the request on.
#pragma once

#include <chrono>

namespace millrace::engine {

struct StopTimes {
  std::chrono::milliseconds term_after{300};  // its process group gets SIGTERM
  std::chrono::milliseconds kill_after{800};  // and SIGKILL
};

}  // namespace millrace::engine
