#include "bench/ladder_bench.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "bench/bench_server.h"
#include "bench/ladder_commands.h"
#include "bench/measured_run.h"
#include "bench/rendition_files.h"
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

class LadderRun {
 public:
  LadderRun(const LadderOptions& options, const BenchListener& listener, const StopFlag& stop,
            fs::path folder)
      : options_(options), listener_(listener), stop_(stop), folder_(std::move(folder)) {}

  Result<LadderReport> run() {
    if (Status status = look_at_source(); !status.ok()) return status;
    if (Status status = describe_environment(); !status.ok()) return status;
    name_ways();
    for (int round = 0; round < options_.rounds; ++round) {
      for (WayFigures* way : {&report_.millrace, &report_.one_command, &report_.per_rendition}) {
        if (Status status = run_once(*way, round); !status.ok()) return status;
      }
      if (round > 0) continue;
      if (Status status = measure_quality(); !status.ok()) return status;
    }
    if (Status status = measure_latency_part(); !status.ok()) return status;
    report_.targets = judge(report_);
    return std::move(report_);
  }

 private:
  Status look_at_source() {
    const Result<LadderSource> source = probed_source(options_.source, options_.ffmpeg, folder_, stop_);
    if (!source.ok()) return source.status();
    work_ = ladder_work(*source, options_.preset);
    return {};
  }

  Status describe_environment() {
    Result<Environment> environment =
        measured_environment(options_.millrace, options_.ffmpeg, options_.source, folder_, stop_);
    if (!environment.ok()) return environment.status();
    report_.environment = std::move(*environment);
    report_.rounds = options_.rounds;
    report_.environment.source_text = bench::describe(work_.source);
    report_.environment.workload = bench::describe(work_);
    listener_.environment(report_.environment);
    return {};
  }

  std::vector<Command> commands_of(const WayFigures& way, const fs::path& out) const {
    if (&way == &report_.millrace) return {millrace_command(options_.millrace, work_, out, options_.jobs)};
    if (&way == &report_.one_command) return {one_command(options_.ffmpeg, work_, out)};
    return command_per_rendition(options_.ffmpeg, work_, out);
  }

  void name_ways() {
    report_.millrace.name = "millrace";
    report_.one_command.name = "ffmpeg, one command";
    report_.per_rendition.name = "ffmpeg, a process a rendition";
    for (WayFigures* way : {&report_.millrace, &report_.one_command, &report_.per_rendition}) {
      for (const Command& command : commands_of(*way, "OUT")) way->commands.push_back(shell_text(command));
    }
  }

  fs::path out_of(const WayFigures& way) const {
    if (&way == &report_.millrace) return folder_ / "millrace";
    return folder_ / (&way == &report_.one_command ? "one-command" : "per-rendition");
  }

  Status run_once(WayFigures& way, int round) {
    const fs::path out = out_of(way);
    if (Status status = engine::remove_tree(out); !status.ok()) return status;
    if (Status status = engine::make_directories(out); !status.ok()) return status;
    if (&way == &report_.per_rendition) {
      for (const WorkRung& rung : work_.rungs) {
        if (Status status = engine::make_directories(out / rung.name); !status.ok()) return status;
      }
    }
    RunOptions run_options;
    run_options.log = folder_ / "run.log";
    run_options.sample_every = std::chrono::milliseconds(100);
    const std::string name = fmt::format("round {} of {}, {}", round + 1, options_.rounds, way.name);
    const Result<RunFigures> figures = run_measured(commands_of(way, out), run_options, stop_);
    if (!figures.ok())
      return figures.status().code() == Code::cancelled ? figures.status() : figures.status().under(name);
    listener_.progress(fmt::format("{}: {}", name, run_text(*figures)));
    way.runs.push_back(*figures);
    return {};
  }

  Result<RenditionQuality> quality_of(const RenditionFiles& files, const WorkRung& rung) {
    const fs::path whole = folder_ / "rendition.mp4";
    if (Status status = assemble(files, whole); !status.ok()) return status;
    RunOptions run_options;
    run_options.log = folder_ / "quality.log";
    const Result<RunFigures> run =
        run_measured({quality_command(options_.ffmpeg, whole, work_.source, rung.size)}, run_options, stop_);
    if (!run.ok()) return run.status();
    const Result<std::string> log = engine::read_file(run_options.log);
    if (!log.ok()) return log.status();
    Result<Quality> quality = quality_from_log(*log);
    if (!quality.ok()) return quality.status();
    return RenditionQuality{static_cast<double>(files.media_bytes) * 8 / work_.source.seconds, *quality};
  }

  Status measure_quality() {
    for (std::size_t i = 0; i < work_.rungs.size(); ++i) {
      const WorkRung& rung = work_.rungs[i];
      listener_.progress("picture quality of " + rung.name);
      RenditionFigures figures;
      figures.rung = rung;
      const Result<RenditionFiles> files[] = {millrace_rendition(out_of(report_.millrace), rung.name),
                                              dash_rendition(out_of(report_.one_command), i)};
      RenditionQuality* places[] = {&figures.millrace, &figures.ffmpeg};
      for (std::size_t side = 0; side < 2; ++side) {
        if (!files[side].ok()) return files[side].status();
        const Result<RenditionQuality> quality = quality_of(*files[side], rung);
        if (!quality.ok())
          return quality.status().code() == Code::cancelled ? quality.status()
                                                            : quality.status().under(rung.name);
        *places[side] = *quality;
      }
      report_.renditions.push_back(figures);
    }
    return {};
  }

  // A server that cannot be measured is a finding, not the end: the figures made so far count.
  Status measure_latency_part() {
    if (!options_.with_server) {
      report_.latency_absence = "--no-server was given";
      return {};
    }
    listener_.progress("latency of a served job");
    const fs::path folder = folder_ / "served";
    if (Status status = engine::make_directories(folder); !status.ok()) return status;
    Result<LatencyFigures> figures = measure_served_latency(options_.millrace, work_, folder, stop_);
    if (figures.ok()) {
      report_.latency = *figures;
    } else if (figures.status().code() == Code::cancelled) {
      return figures.status();
    } else {
      report_.latency_absence = figures.status().message();
      listener_.progress("latency could not be measured: " + report_.latency_absence);
    }
    return {};
  }

  const LadderOptions& options_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  const fs::path folder_;
  LadderWork work_;
  LadderReport report_;
};

}  // namespace

Result<LadderReport> run_ladder_bench(const LadderOptions& options, const BenchListener& listener,
                                      const StopFlag& stop) {
  const Result<ScratchFolder> folder = ScratchFolder::make("bench");
  if (!folder.ok()) return folder.status();
  return LadderRun(options, listener, stop, folder->path()).run();
}

}  // namespace millrace::bench
