// BackendSet: the backends of a plan's devices, opened once for a task. Made and used by one thread; the
// stages that its backends make go to other threads.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/backend/backend.h"
#include "engine/plan/placement.h"

namespace millrace::engine {

// What this build drives. No encoders of devices yet, though the backends have them (nvenc_encoders_here(),
// vaapi_encoders_here()): a rendition that steps down to the CPU's encoder has other headers in its init.mp4
// from there on, and nobody begins it anew so far.
Backends built_backends();

class BackendSet {
 public:
  // Opens each device that the plan's pictures are on, and the CPU. A failure is blamed_on() the first stage
  // that is there: unsupported for what this build, machine or driver lacks, device_failure()'s codes else.
  // Blocks up to seconds.
  static Result<std::unique_ptr<BackendSet>> open(const Plan& plan);

  // Of a device that the plan names.
  Backend& of(const std::string& device) { return *backends_.at(device); }

 private:
  BackendSet() = default;
  Status add(Stage stage, const std::string& device);

  std::map<std::string, std::unique_ptr<Backend>> backends_;
};

}  // namespace millrace::engine
