#include "engine/schedule/job_trial.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "engine/base/file.h"
#include "engine/schedule/memory_ledger.h"

namespace millrace::engine {
namespace {

// The plan of before: the run compares what it was made for with what it finds.
std::optional<Plan> plan_for(const std::string& url, const std::string& plan_json) {
  const auto json = nlohmann::ordered_json::parse(plan_json, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  Result<Plan> plan = plan_from_json(json);
  if (!plan.ok()) return std::nullopt;
  plan->source.url = url;
  return std::move(*plan);
}

}  // namespace

Status JobTrial::run(const std::string& url, const std::stop_token& stop) const {
  if (Status s = remove_tree(folder); !s.ok()) return s;
  if (Status s = make_directories(folder); !s.ok()) return s;
  JobRun run;
  run.spec = spec;
  if (!spec.slides) run.spec.input_url = url;
  run.output_folder = folder;
  run.cores = cores;
  run.plan = plan_for(source_url_of(run.spec), plan);
  MemoryLedger ledger;
  return run_job(run, workers, machine, ledger, observer, stop).status();
}

}  // namespace millrace::engine
