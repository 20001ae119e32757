#include "server/cli/start_workers.h"

#include "server/cli/source_argument.h"

namespace millrace::server {

engine::Result<std::unique_ptr<engine::WorkerPool>> start_workers(const engine::JobSpec& spec,
                                                                  const std::filesystem::path& program,
                                                                  bool verbose) {
  engine::WorkerPoolConfig config;
  config.program = program;
  config.warm = 2;
  config.quiet = !verbose;
  config.allowed_sources = hosts_named_in(spec);
  return engine::WorkerPool::start(config);
}

}  // namespace millrace::server
