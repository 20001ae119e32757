#include "engine/schedule/run_job.h"

#include <nlohmann/json.hpp>

#include "engine/schedule/job_runner.h"

namespace millrace::engine {

Result<nlohmann::ordered_json> run_job(const JobRun& run, WorkerPool& workers, const hw::Inventory& machine,
                                       Ledger& ledger, JobObserver& observer, std::stop_token stop) {
  const Publisher publisher;
  const RunParts parts{workers, machine, ledger, observer, publisher};
  return JobRunner(run, parts).run(std::move(stop));
}

}  // namespace millrace::engine
