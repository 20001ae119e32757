// The workers of a command that does its work itself, without a server.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/work/worker_pool.h"

namespace millrace::server {

// One for the picture, one for the sound; the others come when they are wanted. They may read from the hosts
// that the spec names: whoever typed it owns this machine. `program` is this program; verbose: what FFmpeg
// says is told.
engine::Result<std::unique_ptr<engine::WorkerPool>> start_workers(const engine::JobSpec& spec,
                                                                  const std::filesystem::path& program,
                                                                  bool verbose);

}  // namespace millrace::server
