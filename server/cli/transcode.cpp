#include "server/cli/transcode.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "engine/backend/backend_set.h"
#include "engine/pipeline/media_log.h"
#include "engine/plan/planner.h"
#include "engine/schedule/memory_ledger.h"
#include "engine/schedule/run_job.h"
#include "engine/work/worker_pool.h"
#include "hw/probe.h"
#include "server/cli/exit_code.h"
#include "server/cli/output_folder.h"
#include "server/cli/progress_bar.h"
#include "server/cli/source_argument.h"
#include "server/cli/start_workers.h"
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

// The names that a person would open next.
std::vector<std::filesystem::path> what_was_made(const engine::PlannedOutput& output) {
  using Type = engine::PlannedOutput::Type;
  const std::filesystem::path path = output.path;
  switch (output.type) {
    case Type::adaptive:
      break;
    case Type::file:
    case Type::audio:
    case Type::thumbnails:
      return {path};
    case Type::sprites:
      return {path, std::filesystem::path(path).replace_extension("vtt")};
  }
  std::vector<std::filesystem::path> playlists;
  for (const engine::Package package : output.packages)
    playlists.push_back(path / (package == engine::Package::hls ? "master.m3u8" : "manifest.mpd"));
  return playlists;
}

// Where damage was accepted nobody may take the outputs for the whole source.
void say_what_was_lost(Console& console, const nlohmann::ordered_json& receipt) {
  const auto lost = receipt.find("lost");
  if (lost == receipt.end()) return;
  for (const auto& sentence : *lost)
    console.err << fmt::format("millrace: lost: {}\n", sentence.get<std::string>());
}

void say_what_was_made(Console& console, const OutputFolder& folder, const engine::Plan& plan) {
  for (const engine::PlannedOutput& output : plan.outputs)
    for (const std::filesystem::path& path : what_was_made(output))
      console.out << (folder.path() / path).string() << '\n';
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

  const auto workers = start_workers(*spec, options.program, options.verbose);
  if (!workers.ok()) return fail(console, workers.status(), kJobFailed);

  const Result<engine::Source> source = (*workers)->inspect(
      engine::source_url_of(*spec), spec->on_damage == engine::OnDamage::accept, signals.token());
  if (!source.ok()) return fail(console, source.status(), exit_code_of_source(source.status()));

  const hw::Inventory machine = hw::probe({.program = options.program.native()});
  engine::JobRun run;
  run.spec = *spec;
  run.output_folder = folder->path();
  run.cores = std::min(spec->cores.value_or(machine.cpu.usable_cores), machine.cpu.usable_cores);
  Result<engine::Plan> plan =
      engine::make_plan(*source, *spec, machine, run.cores, {engine::built_backends(), {}, {}});
  if (!plan.ok()) return fail(console, plan.status(), exit_code_of_plan(plan.status()));
  run.plan = *plan;
  run.watched_early = false;

  engine::MemoryLedger ledger;
  Watcher watcher(console);
  const auto receipt = engine::run_job(run, **workers, machine, ledger, watcher, signals.token());
  watcher.over();
  if (!receipt.ok()) return fail(console, receipt.status(), exit_code_of_job(receipt.status()));
  folder->keep();
  if (console.json) {
    print(console, {{"state", "completed"}, {"output", folder->path().string()}, {"receipt", *receipt}});
  } else {
    say_what_was_lost(console, *receipt);
    say_what_was_made(console, *folder, *plan);
  }
  return kDone;
}

}  // namespace millrace::server
