#include "bench/gpu_bench.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/bench_spec.h"
#include "bench/file_url.h"
#include "bench/gpu_sessions.h"
#include "bench/measured_run.h"
#include "bench/report_text.h"
#include "engine/backend/backend_set.h"
#include "engine/base/file.h"
#include "engine/base/scratch_folder.h"
#include "engine/pipeline/inspect.h"
#include "engine/plan/planner.h"
#include "hw/probe.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::Plan;
using engine::Result;
using engine::ScratchFolder;
using engine::Status;

// Where each stage ran, and whether the job stayed there.
Status read_receipt(const fs::path& folder, GpuReport& report) {
  const Result<std::string> text = engine::read_file(folder / "receipt.json");
  if (!text.ok()) return text.status();
  const auto receipt = nlohmann::json::parse(*text, nullptr, false);
  if (!receipt.is_object() || !receipt.contains("devices") || !receipt.contains("steps_down"))
    return {Code::internal, "the job's receipt names no devices"};
  report.stages.clear();
  for (const auto& each : receipt["devices"])
    report.stages.push_back(each.value("stage", "") + ": " + each.value("device", ""));
  for (const auto& each : receipt["steps_down"])
    report.left_device = "the job stepped down: " + each.get<std::string>();
  return {};
}

class GpuRun {
 public:
  GpuRun(const GpuOptions& options, const GpuMachine& machine, const BenchListener& listener,
         const StopFlag& stop, fs::path folder)
      : options_(options),
        machine_(machine),
        listener_(listener),
        stop_(stop),
        folder_(std::move(folder)),
        device_(fmt::format("cuda:{}", options.device)) {}

  Result<GpuReport> run() {
    if (Status s = prepare(); !s.ok()) return s;
    for (int round = 1; round <= options_.rounds; ++round) {
      const std::string name = fmt::format("round {} of {}", round, options_.rounds);
      for (SessionsFigures& each : report_.sessions)
        if (Status s = run_sessions_of(each, name, round); !s.ok()) return s;
      if (Status s = run_jobs(name, round); !s.ok()) return s;
    }
    report_.targets = judge(report_);
    return std::move(report_);
  }

 private:
  Status prepare() {
    if (Status s = make_plan(); !s.ok()) return s;
    Result<Environment> environment =
        measured_environment(options_.millrace, options_.ffmpeg, options_.source, folder_, stop_);
    if (!environment.ok()) return environment.status();
    report_.environment = std::move(*environment);
    const engine::VideoTrack& video = *plan_.source.main_video();
    report_.environment.source_text = fmt::format("{:.1f} s, {}x{}, {}", plan_.source.duration_seconds,
                                                  video.width, video.height, video.codec);
    report_.environment.workload = fmt::format("on {}: sessions of {} renditions, and a job with --preset {}",
                                               report_.device, plan_.renditions.size(), options_.preset);
    report_.rounds = options_.rounds;
    for (const int each : options_.sessions) report_.sessions.push_back({each, {}, {}});
    report_.on_device.name = "with " + device_;
    report_.on_cpu.name = "on the CPU alone";
    report_.on_device.commands = {shell_text(job(device_, "OUT"))};
    report_.on_cpu.commands = {shell_text(job("cpu", "OUT"))};
    listener_.environment(report_.environment);
    return {};
  }

  // Null: it is not there.
  const hw::GpuFacts* this_card() const {
    for (const hw::GpuFacts& gpu : machine_.inventory.gpus)
      if (engine::device_name(gpu) == device_) return &gpu;
    return nullptr;
  }
  std::string why_none(const hw::GpuFacts* card) const {
    if (card != nullptr) return "this build has no NVIDIA backend for " + card->name;
    const std::string* const note = hw::absence_note(machine_.inventory, "nvidia");
    return note != nullptr ? *note : fmt::format("this machine has no {}; name another --device", device_);
  }

  Status make_plan() {
    const hw::GpuFacts* const card = this_card();
    if (card == nullptr || !machine_.backends.nvidia)
      return {Code::resource_exhausted, "no GPU to measure: " + why_none(card)};
    report_.device = fmt::format("{}, {}, {} decode engines", device_, card->name, card->engines.decode);
    const Result<engine::Source> source = engine::inspect(file_url(fs::absolute(options_.source)));
    if (!source.ok()) return source.status();
    Result<engine::JobSpec> spec = bench_spec("ladder-h264-veryfast", source->url);
    if (!spec.ok()) return spec.status();
    spec->device = {engine::DevicePreference::Kind::cuda, std::to_string(options_.device)};
    Result<Plan> plan = engine::make_plan(*source, *spec, machine_.inventory,
                                          machine_.inventory.cpu.usable_cores, {machine_.backends, {}, {}});
    if (!plan.ok()) return plan.status();
    plan_ = std::move(*plan);
    for (engine::PlannedRendition& each : plan_.renditions) each.encode_device = engine::kCpu;
    if (plan_.decode_device != device_ || plan_.filter_device != device_)
      return {Code::unsupported, fmt::format("{}: {} does not decode and scale it; name another source",
                                             options_.source.string(), device_)};
    return {};
  }

  Command job(const std::string& device, const fs::path& out) const {
    return {options_.millrace,
            "transcode",
            options_.source.string(),
            "-o",
            out.string(),
            "--preset",
            options_.preset,
            "--device",
            device};
  }

  // The two take turns in who is first.
  Status run_sessions_of(SessionsFigures& figures, const std::string& round, int number) {
    using Work = SessionWork;
    const auto order =
        number % 2 == 1 ? std::array{Work::decode, Work::ladder} : std::array{Work::ladder, Work::decode};
    for (const Work work : order) {
      const Result<SessionsRun> run = run_sessions(plan_, figures.sessions, work, machine_.open, stop_);
      if (!run.ok()) return run.status();
      const double rate = run->seconds > 0 ? static_cast<double>(run->pictures) / run->seconds : 0;
      (work == Work::decode ? figures.decode : figures.ladder).push_back(rate);
      listener_.progress(fmt::format("{}, {} sessions, {}: {:.0f} pictures a second", round, figures.sessions,
                                     work == Work::decode ? "decoded alone" : "into the ladder", rate));
    }
    return {};
  }

  Status run_jobs(const std::string& round, int number) {
    const auto there = [&] { return run_job(report_.on_device, device_, round); };
    const auto here = [&] { return run_job(report_.on_cpu, "cpu", round); };
    if (Status s = number % 2 == 1 ? there() : here(); !s.ok()) return s;
    return number % 2 == 1 ? here() : there();
  }

  Status run_job(WayFigures& way, const std::string& device, const std::string& round) {
    const fs::path out = folder_ / "out";
    if (Status s = engine::remove_tree(out); !s.ok()) return s;
    RunOptions run_options;
    run_options.log = folder_ / "run.log";
    const Result<RunFigures> figures = run_measured({job(device, out)}, run_options, stop_);
    if (!figures.ok()) return figures.status();
    listener_.progress(fmt::format("{}, the ladder {}: {}", round, way.name, run_text(*figures)));
    way.runs.push_back(*figures);
    return &way == &report_.on_device ? read_receipt(out, report_) : Status();
  }

  const GpuOptions& options_;
  const GpuMachine& machine_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  const fs::path folder_;
  const std::string device_;
  Plan plan_;
  GpuReport report_;
};

}  // namespace

GpuMachine this_machine() { return {hw::probe(), engine::built_backends(), engine::open_backend}; }

Result<GpuReport> run_gpu_bench(const GpuOptions& options, const GpuMachine& machine,
                                const BenchListener& listener, const StopFlag& stop) {
  const Result<ScratchFolder> folder = ScratchFolder::make("bench", options.folder);
  if (!folder.ok()) return folder.status();
  return GpuRun(options, machine, listener, stop, folder->path()).run();
}

}  // namespace millrace::bench
