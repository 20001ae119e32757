#include "bench/overhead_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/bare_codecs.h"
#include "bench/bench_spec.h"
#include "bench/file_url.h"
#include "bench/measured_run.h"
#include "bench/rendition_files.h"
#include "bench/report_text.h"
#include "engine/base/file.h"
#include "engine/base/scratch_folder.h"
#include "engine/job/job_spec_json.h"
#include "engine/pipeline/inspect.h"
#include "engine/plan/planner.h"
#include "hw/probe.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::JobSpec;
using engine::Plan;
using engine::PlannedRendition;
using engine::Result;
using engine::ScratchFolder;
using engine::Source;
using engine::Status;
using Kind = OverheadPart::Kind;

class OverheadRun {
 public:
  OverheadRun(const OverheadOptions& options, const BenchListener& listener, const StopFlag& stop,
              fs::path folder)
      : options_(options), listener_(listener), stop_(stop), folder_(std::move(folder)) {}

  Result<OverheadReport> run() {
    if (Status s = prepare(); !s.ok()) return s;
    for (int round = 1; round <= options_.rounds; ++round) {
      const std::string name = fmt::format("round {} of {}", round, options_.rounds);
      if (Status s = run_job(name); !s.ok()) return s;
      if (Status s = run_parts(name); !s.ok()) return s;
    }
    report_.targets = judge(report_);
    return std::move(report_);
  }

 private:
  Status prepare() {
    if (Status s = copy_pictures(); !s.ok()) return s;
    Result<Source> source = engine::inspect(file_url(pictures_));
    if (!source.ok()) return source.status();
    Result<JobSpec> spec = bench_spec(options_.profile, source->url);
    if (!spec.ok()) return spec.status();
    spec->device = {engine::DevicePreference::Kind::cpu, ""};
    const hw::Inventory machine = hw::probe();
    Result<Plan> plan = engine::make_plan(*source, *spec, machine, machine.cpu.usable_cores);
    if (!plan.ok()) return plan.status();
    plan_ = std::move(*plan);
    if (Status s = check_plain(plan_); !s.ok()) return s.under(options_.source.string());
    const std::string text = engine::to_json(*spec).dump();
    if (Status s = engine::write_file(folder_ / "spec.json", text); !s.ok()) return s;
    return begin_report(text);
  }

  // The sound is left out: it is a task of its own, beside the pictures.
  Status copy_pictures() {
    const Result<Source> source = engine::inspect(file_url(fs::absolute(options_.source)));
    if (!source.ok()) return source.status();
    if (source->main_video() == nullptr)
      return Status(Code::unsupported, options_.source.string() + ": it has no picture; name a video");
    const bool mp4 = source->container.find("mp4") != std::string::npos;
    pictures_ = folder_ / (mp4 ? "pictures.mp4" : "pictures.mkv");
    const Command command = {options_.ffmpeg,
                             "-nostdin",
                             "-loglevel",
                             "error",
                             "-i",
                             "file:" + fs::absolute(options_.source).string(),
                             "-map",
                             fmt::format("0:{}", source->main_video()->index),
                             "-c",
                             "copy",
                             "-t",
                             fmt::format("{:.3f}", options_.seconds),
                             pictures_.string()};
    return output_of(command, folder_, stop_).status();
  }

  Status begin_report(const std::string& spec) {
    Result<Environment> environment =
        measured_environment(options_.millrace, options_.ffmpeg, options_.source, folder_, stop_);
    if (!environment.ok()) return environment.status();
    report_.environment = std::move(*environment);
    const engine::VideoTrack& video = *plan_.source.main_video();
    report_.profile = options_.profile;
    report_.seconds = plan_.source.duration_seconds;
    report_.rounds = options_.rounds;
    report_.environment.source_text = fmt::format("the first {:.1f} s, {}x{}, {}, without sound",
                                                  report_.seconds, video.width, video.height, video.codec);
    report_.environment.workload = fmt::format("{}: {}", options_.profile, spec);
    nlohmann::ordered_json told = nlohmann::ordered_json::parse(spec);
    told["input"] = {{"url", file_url(fs::absolute(options_.source))}};
    report_.spec = told.dump();
    listener_.environment(report_.environment);
    report_.job.name = "a job";
    report_.job.commands = {shell_text(job_command("PICTURES", "SPEC", "OUT"))};
    report_.parts.push_back({Kind::decode, video.codec});
    for (const Kind kind : {Kind::encode, Kind::scale, Kind::check})
      for (const PlannedRendition& each : plan_.renditions) report_.parts.push_back({kind, each.name});
    return {};
  }

  Command job_command(const fs::path& source, const fs::path& spec, const fs::path& out) const {
    return {options_.millrace, "transcode", source.string(), "-o", out.string(), "--spec", spec.string()};
  }

  Status run_job(const std::string& round) {
    const fs::path out = folder_ / "out";
    if (Status s = engine::remove_tree(out); !s.ok()) return s;
    RunOptions run_options;
    run_options.log = folder_ / "run.log";
    const Result<RunFigures> figures =
        run_measured({job_command(pictures_, folder_ / "spec.json", out)}, run_options, stop_);
    if (!figures.ok()) return figures.status();
    listener_.progress(fmt::format("{}, a job: {}", round, run_text(*figures)));
    report_.job.runs.push_back(*figures);
    return {};
  }

  Status run_parts(const std::string& round) {
    const Result<DecodeCost> decoded = decode_alone(pictures_, plan_.decoder_threads, stop_);
    if (!decoded.ok()) return decoded.status();
    note(round, Kind::decode, 0, decoded->cpu_seconds);
    for (std::size_t i = 0; i < plan_.renditions.size(); ++i) {
      const Result<EncodeCost> encoded = encode_alone(plan_, plan_.renditions[i], pictures_, stop_);
      if (!encoded.ok()) return encoded.status();
      note(round, Kind::encode, i, encoded->encode_seconds);
      note(round, Kind::scale, i, encoded->scale_seconds);
      if (Status s = check(round, i); !s.ok()) return s;
    }
    return {};
  }

  // What the job made, looked at once more as each segment was when it was finished.
  Status check(const std::string& round, std::size_t i) {
    const fs::path folder = folder_ / "out" / plan_.renditions[i].folder;
    const Result<RenditionFiles> files = rendition_in(folder);
    if (!files.ok()) return files.status();
    const Result<double> seconds = check_alone(plan_, plan_.renditions[i], *files, stop_);
    if (!seconds.ok()) return seconds.status();
    note(round, Kind::check, i, *seconds);
    return {};
  }

  void note(const std::string& round, Kind kind, std::size_t index, double cpu_seconds) {
    for (OverheadPart& part : report_.parts) {
      if (part.kind != kind || index-- > 0) continue;
      part.cpu_seconds.push_back(cpu_seconds);
      listener_.progress(
          fmt::format("{}, {} {}: {:.2f} s CPU", round, name_of(kind), part.name, cpu_seconds));
      return;
    }
  }

  const OverheadOptions& options_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  const fs::path folder_;
  fs::path pictures_;
  Plan plan_;
  OverheadReport report_;
};

}  // namespace

Status check_plain(const Plan& plan) {
  const auto refused = [](const std::string& what) {
    return Status(Code::unsupported,
                  what + " is more than decoding, scaling and encoding; take another profile or source");
  };
  for (const engine::Normalisation& each : plan.normalisations)
    if (each.name != "colours") return refused("the step " + each.name);
  if (!plan.overlays.empty()) return refused("an overlay");
  for (const PlannedRendition& each : plan.renditions)
    if (each.burn >= 0) return refused("a subtitle that is burnt in");
  for (const engine::PlannedOutput& each : plan.outputs)
    if (each.type != engine::PlannedOutput::Type::adaptive) return refused("the output " + each.name);
  return {};
}

Result<OverheadReport> run_overhead_bench(const OverheadOptions& options, const BenchListener& listener,
                                          const StopFlag& stop) {
  const Result<ScratchFolder> folder = ScratchFolder::make("bench", options.folder);
  if (!folder.ok()) return folder.status();
  return OverheadRun(options, listener, stop, folder->path()).run();
}

}  // namespace millrace::bench
