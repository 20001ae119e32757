#include "bench/thumbnails_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

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

constexpr const char* kOutput = "stills";

// Stills that are there and hold something.
int stills_in(const fs::path& folder, int count) {
  int found = 0;
  for (int i = 1; i <= count; ++i) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(folder / fmt::format("{:04}.jpg", i), error);
    if (!error && size > 0) ++found;
  }
  return found;
}

class ThumbnailsRun {
 public:
  ThumbnailsRun(const ThumbnailsOptions& options, const BenchListener& listener, const StopFlag& stop,
                fs::path folder)
      : options_(options), listener_(listener), stop_(stop), folder_(std::move(folder)) {}

  Result<ThumbnailsReport> run() {
    const Result<LadderSource> source = probed_source(options_.source, options_.ffmpeg, folder_, stop_);
    if (!source.ok()) return source.status();
    Result<ThumbnailsWork> work = thumbnails_work(*source, options_);
    if (!work.ok()) return work.status();
    work_ = std::move(*work);
    if (Status status = engine::write_file(folder_ / "spec.json", millrace_spec(work_)); !status.ok())
      return status;
    Result<Environment> environment =
        measured_environment(options_.millrace, options_.ffmpeg, options_.source, folder_, stop_);
    if (!environment.ok()) return environment.status();
    report_.environment = std::move(*environment);
    report_.environment.source_text = describe(work_.source);
    report_.environment.workload = describe(work_);
    listener_.environment(report_.environment);
    report_.rounds = options_.rounds;
    report_.count = options_.count;
    report_.millrace.name = "millrace";
    report_.millrace.commands = {shell_text(millrace_command(options_.millrace, work_, "SPEC", "OUT"))};
    report_.ffmpeg.name = "ffmpeg, one seek per still";
    report_.ffmpeg.commands = {shell_text(command_per_still(options_.ffmpeg, work_, "OUT").front()),
                               fmt::format("and so on, {} in all, one after the other, to -ss {:.6f}",
                                           options_.count, work_.at.back())};
    for (int round = 0; round < options_.rounds; ++round)
      for (WayFigures* way : {&report_.millrace, &report_.ffmpeg})
        if (Status status = run_once(*way, round); !status.ok()) return status;
    report_.targets = judge(report_);
    return std::move(report_);
  }

 private:
  Status run_once(WayFigures& way, int round) {
    const bool ours = &way == &report_.millrace;
    const fs::path out = folder_ / (ours ? "millrace" : "ffmpeg");
    if (Status status = engine::remove_tree(out); !status.ok()) return status;
    if (Status status = engine::make_directories(out); !status.ok()) return status;
    const std::string name = fmt::format("round {} of {}, {}", round + 1, options_.rounds, way.name);
    const std::vector<Command> commands =
        ours ? std::vector<Command>{millrace_command(options_.millrace, work_, folder_ / "spec.json", out)}
             : command_per_still(options_.ffmpeg, work_, out);
    RunOptions run_options;
    run_options.log = folder_ / "run.log";
    run_options.sample_every = std::chrono::milliseconds(100);
    RunFigures all;
    for (const Command& command : commands) {
      const Result<RunFigures> figures = run_measured({command}, run_options, stop_);
      if (!figures.ok())
        return figures.status().code() == Code::cancelled ? figures.status() : figures.status().under(name);
      all.wall_seconds += figures->wall_seconds;
      all.cpu_seconds += figures->cpu_seconds;
      all.memory_samples += figures->memory_samples;
      all.left_behind += figures->left_behind;
      if (figures->peak_bytes) all.peak_bytes = std::max(all.peak_bytes.value_or(0), *figures->peak_bytes);
    }
    const int made = stills_in(ours ? out / kOutput : out, options_.count);
    if (made != options_.count)
      return Status(Code::internal, fmt::format("{}: {} of {} stills were made", name, made, options_.count));
    listener_.progress(fmt::format("{}: {}", name, run_text(all)));
    way.runs.push_back(all);
    return {};
  }

  const ThumbnailsOptions& options_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  const fs::path folder_;
  ThumbnailsWork work_;
  ThumbnailsReport report_;
};

}  // namespace

Result<ThumbnailsWork> thumbnails_work(const LadderSource& source, const ThumbnailsOptions& options) {
  const auto frames = static_cast<std::int64_t>(source.seconds * source.frame_rate.as_double());
  if (frames < options.count)
    return Status(Code::invalid_argument,
                  fmt::format("--count {}: the source has about {} pictures; ask for fewer stills",
                              options.count, frames));
  ThumbnailsWork work;
  work.source = source;
  work.size.width = options.width;
  work.size.height = std::max(
      2,
      static_cast<int>(std::lround(options.width * source.picture.height / 2.0 / source.picture.width)) * 2);
  for (int i = 0; i < options.count; ++i) {
    const std::int64_t frame = (2 * i + 1) * frames / (2 * options.count);
    // To the millionth above: both programs then mean this picture, not the one before.
    work.at.push_back(std::ceil(static_cast<double>(frame) / source.frame_rate.as_double() * 1e6) / 1e6);
  }
  return work;
}

std::string describe(const ThumbnailsWork& work) {
  return fmt::format("{} stills of {}x{}, JPEG, {:.3f} s to {:.3f} s", work.at.size(), work.size.width,
                     work.size.height, work.at.front(), work.at.back());
}

std::string millrace_spec(const ThumbnailsWork& work) {
  const nlohmann::ordered_json output = {{"name", kOutput},
                                         {"type", "thumbnails"},
                                         {"at", work.at},
                                         {"size", fmt::format("{}x{}", work.size.width, work.size.height)},
                                         {"format", "jpg"}};
  return nlohmann::ordered_json({{"outputs", nlohmann::ordered_json::array({output})}}).dump(2) + "\n";
}

Command millrace_command(const std::string& program, const ThumbnailsWork& work, const fs::path& spec,
                         const fs::path& out) {
  return {program, "transcode", work.source.path.string(), "-o", out.string(), "--spec", spec.string()};
}

std::vector<Command> command_per_still(const std::string& ffmpeg, const ThumbnailsWork& work,
                                       const fs::path& out) {
  std::vector<Command> commands;
  for (std::size_t i = 0; i < work.at.size(); ++i) {
    commands.push_back({ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-ss",
                        fmt::format("{:.6f}", work.at[i]), "-i", "file:" + work.source.path.string(), "-map",
                        fmt::format("0:{}", work.source.video_stream), "-frames:v", "1", "-vf",
                        fmt::format("scale={}:{}:flags=bicubic", work.size.width, work.size.height), "-q:v",
                        "3", (out / fmt::format("{:04}.jpg", i + 1)).string()});
  }
  return commands;
}

Result<ThumbnailsReport> run_thumbnails_bench(const ThumbnailsOptions& options, const BenchListener& listener,
                                              const StopFlag& stop) {
  const Result<ScratchFolder> folder = ScratchFolder::make("bench");
  if (!folder.ok()) return folder.status();
  return ThumbnailsRun(options, listener, stop, folder->path()).run();
}

}  // namespace millrace::bench
