#include "server/cli/transcode.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <utility>

#include "engine/pipeline/media_log.h"
#include "engine/plan/planner.h"
#include "engine/schedule/memory_ledger.h"
#include "engine/schedule/run_job.h"
#include "engine/work/worker_pool.h"
#include "hw/probe.h"
#include "server/cli/exit_code.h"
#include "server/cli/output_folder.h"
#include "server/cli/progress_bar.h"
#include "server/cli/stop_signals.h"

namespace millrace::server {
namespace {

using engine::Result;
using engine::Status;

class Watcher : public engine::JobObserver {
 public:
  explicit Watcher(Console& console) {
    if (console.terminal) bar_.emplace(console.err);
  }
  Status planned(const engine::Plan&) override { return {}; }
  void progress(const engine::Progress& progress) override {
    if (bar_) bar_->show(progress);
  }
  void over() { bar_.reset(); }

 private:
  std::optional<ProgressBar> bar_;
};

void say_what_was_made(Console& console, const OutputFolder& folder, const engine::Plan& plan) {
  for (const engine::PlannedOutput& output : plan.outputs) {
    const std::filesystem::path path = folder.path() / output.path;
    if (output.type == engine::PlannedOutput::Type::file) {
      console.out << path.string() << '\n';
      continue;
    }
    for (const engine::Package package : output.packages)
      console.out << (path / (package == engine::Package::hls ? "master.m3u8" : "manifest.mpd")).string()
                  << '\n';
  }
  console.out << (folder.path() / "receipt.json").string() << std::endl;
}

}  // namespace

int run_transcode(const TranscodeOptions& options, Console& console) {
  const Result<engine::JobSpec> spec = job_spec_of(options.spec);
  if (!spec.ok()) return fail(console, spec.status(), kWrongUsage);

  engine::init_media_log();
  const StopSignals signals;
  Result<OutputFolder> folder = OutputFolder::claim(options.output);
  if (!folder.ok()) return fail(console, folder.status(), kWrongUsage);

  // One worker for the picture, one for the sound.
  engine::WorkerPoolConfig config;
  config.program = options.program;
  config.warm = 2;
  config.quiet = !options.verbose;
  const auto workers = engine::WorkerPool::start(config);
  if (!workers.ok()) return fail(console, workers.status(), kJobFailed);

  const Result<engine::Source> source = (*workers)->inspect(spec->input_url, signals.token());
  if (!source.ok()) return fail(console, source.status(), exit_code_of_source(source.status()));

  const hw::Inventory machine = hw::probe();
  engine::JobRun run;
  run.spec = *spec;
  run.output_folder = folder->path();
  run.cores = std::min(spec->cores.value_or(machine.cpu.usable_cores), machine.cpu.usable_cores);
  Result<engine::Plan> plan = engine::make_plan(*source, *spec, machine, run.cores);
  if (!plan.ok()) return fail(console, plan.status(), exit_code_of_plan(plan.status()));
  run.plan = *plan;
  run.watched_early = false;

  engine::MemoryLedger ledger;
  Watcher watcher(console);
  const auto receipt = engine::run_job(run, **workers, machine, ledger, watcher, signals.token());
  watcher.over();
  if (!receipt.ok()) return fail(console, receipt.status(), exit_code_of_job(receipt.status()));
  folder->keep();
  if (console.json)
    print(console, {{"state", "completed"}, {"output", folder->path().string()}, {"receipt", *receipt}});
  else
    say_what_was_made(console, *folder, *plan);
  return kDone;
}

}  // namespace millrace::server
