// JobTrial: a failed job run again, with any source, in a folder that goes again. One thread.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/schedule/run_job.h"
#include "engine/work/worker_pool.h"
#include "hw/inventory.h"

namespace millrace::engine {

struct JobTrial {
  JobSpec spec;
  std::string plan;              // of the attempt that failed, JSON; taken over where it still fits
  std::filesystem::path folder;  // what the job makes lies here until the next trial; made when absent
  int cores = 1;
  WorkerPool& workers;
  const hw::Inventory& machine;
  JobObserver& observer;

  // What comes of the job. `url`: of the source, instead of the spec's; a slide show's are those of its spec.
  // Blocking.
  Status run(const std::string& url, const std::stop_token& stop) const;
};

}  // namespace millrace::engine
