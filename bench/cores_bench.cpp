#include "bench/cores_bench.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/measured_run.h"
#include "bench/report_text.h"
#include "engine/base/file.h"
#include "engine/base/scratch_folder.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::Result;
using engine::ScratchFolder;
using engine::Status;

// That this process may run on.
std::vector<int> usable_cores() {
  std::vector<int> cores;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  return cores;
}

class CoresRun {
 public:
  CoresRun(const CoresOptions& options, const BenchListener& listener, const StopFlag& stop, fs::path folder)
      : options_(options),
        listener_(listener),
        stop_(stop),
        folder_(std::move(folder)),
        usable_(usable_cores()) {}

  Result<CoresReport> run() {
    for (const int cores : options_.cores)
      if (cores < 1 || static_cast<std::size_t>(cores) > usable_.size())
        return Status(
            Code::invalid_argument,
            fmt::format("--cores {}: this process may use {} cores; name no more", cores, usable_.size()));
    const Result<LadderSource> source = probed_source(options_.source, options_.ffmpeg, folder_, stop_);
    if (!source.ok()) return source.status();
    work_ = ladder_work(*source, options_.preset);
    Result<Environment> environment =
        measured_environment(options_.millrace, options_.ffmpeg, options_.source, folder_, stop_);
    if (!environment.ok()) return environment.status();
    report_.environment = std::move(*environment);
    report_.environment.source_text = bench::describe(work_.source);
    report_.environment.workload = bench::describe(work_);
    report_.rounds = options_.rounds;
    listener_.environment(report_.environment);
    for (const int cores : options_.cores)
      if (Status status = name(cores); !status.ok()) return status;
    for (int round = 0; round < options_.rounds; ++round)
      for (CoresFigures& each : report_.on)
        if (Status status = run_once(each, round); !status.ok()) return status;
    report_.targets = judge(report_);
    return std::move(report_);
  }

 private:
  Command kept_to(int cores, const Command& command) const {
    return on_cores({usable_.begin(), usable_.begin() + cores}, command);
  }

  Command ladder(int cores, const fs::path& out) const {
    return kept_to(cores, millrace_command(options_.millrace, work_, out, std::nullopt));
  }

  Status name(int cores) {
    CoresFigures figures;
    figures.cores = cores;
    figures.way.name = cores == 1 ? "1 core" : fmt::format("{} cores", cores);
    figures.way.commands = {shell_text(ladder(cores, "OUT"))};
    // The same plan, told.
    Command explain = {options_.millrace, "explain",   "--json",  work_.source.path.string(),
                       "--ladder",        "auto",      "--codec", "h264",
                       "--preset",        work_.preset};
    const Result<std::string> explained = output_of(kept_to(cores, explain), folder_, stop_);
    if (!explained.ok()) return explained.status();
    Result<std::string> layout = layout_text(*explained);
    if (!layout.ok()) return layout.status();
    figures.layout = std::move(*layout);
    report_.on.push_back(std::move(figures));
    return {};
  }

  Status run_once(CoresFigures& figures, int round) {
    const fs::path out = folder_ / "out";
    if (Status status = engine::remove_tree(out); !status.ok()) return status;
    if (Status status = engine::make_directories(out); !status.ok()) return status;
    RunOptions run_options;
    run_options.log = folder_ / "run.log";
    run_options.sample_every = std::chrono::milliseconds(100);
    const std::string name = fmt::format("round {} of {}, {}", round + 1, options_.rounds, figures.way.name);
    const Result<RunFigures> run = run_measured({ladder(figures.cores, out)}, run_options, stop_);
    if (!run.ok()) return run.status().code() == Code::cancelled ? run.status() : run.status().under(name);
    listener_.progress(fmt::format("{}: {}", name, run_text(*run)));
    figures.way.runs.push_back(*run);
    return {};
  }

  const CoresOptions& options_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  const fs::path folder_;
  const std::vector<int> usable_;
  LadderWork work_;
  CoresReport report_;
};

}  // namespace

Command on_cores(const std::vector<int>& cores, const Command& command) {
  Command kept = {"taskset", "-c", fmt::format("{}", fmt::join(cores, ","))};
  kept.insert(kept.end(), command.begin(), command.end());
  return kept;
}

Result<std::string> layout_text(const std::string& explained) {
  const auto plan = nlohmann::json::parse(explained, nullptr, false);
  const auto number = [](const nlohmann::json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() && found->is_number_integer() ? found->get<int>() : 0;
  };
  std::vector<int> encoders;
  if (plan.is_object() && plan.contains("renditions") && plan["renditions"].is_array())
    for (const auto& each : plan["renditions"]) encoders.push_back(number(each, "encoder_threads"));
  const int ranges = number(plan, "ranges_at_once");
  const int decoder = number(plan, "decoder_threads");
  if (ranges < 1 || decoder < 1 || encoders.empty() || std::count(encoders.begin(), encoders.end(), 0) > 0)
    return Status(Code::internal, "millrace explain --json tells no ranges and threads");
  return fmt::format("{} at once, decoded by {} thread{}, encoded by {}", ranges, decoder,
                     decoder == 1 ? "" : "s", fmt::join(encoders, ", "));
}

Result<CoresReport> run_cores_bench(const CoresOptions& options, const BenchListener& listener,
                                    const StopFlag& stop) {
  const Result<ScratchFolder> folder = ScratchFolder::make("bench");
  if (!folder.ok()) return folder.status();
  return CoresRun(options, listener, stop, folder->path()).run();
}

}  // namespace millrace::bench
