// BackendSet: the backends of a plan's devices, opened once for a task. Made and used by one thread; the
// stages that its backends make go to other threads.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/backend/backend.h"
#include "engine/plan/placement.h"

namespace millrace::engine {

// What this build drives, with the encoders that its FFmpeg has.
Backends built_backends();

// The backend of a device as plans name it: this build's. unsupported for any other. Blocks up to seconds.
Result<std::unique_ptr<Backend>> open_backend(const std::string& device);

class BackendSet {
 public:
  // Opens each device that the plan's pictures are on, and the CPU. A failure is blamed_on() the first stage
  // that is there: unsupported for what this build, machine or driver lacks, device_failure()'s codes else.
  // Blocks up to seconds. `backend`: who opens each.
  static Result<std::unique_ptr<BackendSet>> open(const Plan& plan,
                                                  const OpenBackend& backend = open_backend);

  // Of a device that the plan names.
  Backend& of(const std::string& device) { return *backends_.at(device); }

 private:
  BackendSet() = default;
  Status add(Stage stage, const std::string& device, const OpenBackend& backend);

  std::map<std::string, std::unique_ptr<Backend>> backends_;
};

}  // namespace millrace::engine
