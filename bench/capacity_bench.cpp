#include "bench/capacity_bench.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stop_token>
#include <system_error>
#include <utility>

#include "bench/bench_spec.h"
#include "bench/capacity_search.h"
#include "bench/capacity_streams.h"
#include "bench/file_url.h"
#include "bench/measured_run.h"
#include "engine/backend/backend_set.h"
#include "engine/base/file.h"
#include "engine/base/scratch_folder.h"
#include "engine/job/job_spec_json.h"
#include "engine/plan/capacity.h"
#include "engine/plan/planner.h"
#include "engine/schedule/calibration_book.h"
#include "engine/work/worker_pool.h"
#include "hw/inventory_json.h"
#include "hw/probe.h"
#include "hw/slots.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::JobSpec;
using engine::Plan;
using engine::Result;
using engine::ScratchFolder;
using engine::Source;
using engine::Status;
using engine::WorkerPool;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kLookBefore{2};  // at what others do
constexpr int kProgressEvery = 10;              // looks
constexpr double kDiskShare = 0.9;              // of what is free

Result<std::unique_ptr<WorkerPool>> start_workers(const std::string& millrace) {
  engine::WorkerPoolConfig config;
  config.program = millrace;
  config.warm = 2;
  config.quiet = true;
  return WorkerPool::start(config);
}

// "decode cuda:0, filters cuda:0, encode cpu"
std::string devices_of(const Plan& plan) {
  std::set<std::string> encode;
  for (const engine::PlannedRendition& each : plan.renditions) encode.insert(each.encode_device);
  return fmt::format("decode {}, filters {}, encode {}", plan.decode_device, plan.filter_device,
                     fmt::join(encode, " and "));
}

class CapacityRun {
 public:
  CapacityRun(const CapacityOptions& options, const BenchListener& listener, const StopFlag& stop,
              fs::path folder)
      : options_(options), listener_(listener), stop_(stop), folder_(std::move(folder)), meter_(::getpid()) {}

  Result<CapacityReport> run() {
    if (Status s = prepare(); !s.ok()) return s;
    auto workers = start_workers(options_.millrace);
    if (!workers.ok()) return workers.status();
    workers_ = std::move(*workers);
    begin_ = Clock::now();
    look_before();
    CapacitySearch search(most_);
    while (const std::optional<int> streams = stop_.requested() ? std::nullopt : search.next()) {
      CapacityRound round = run_round(*streams);
      if (stop_.requested()) break;
      if (report_.rounds.empty()) learn_from_first(round);
      judge(round);
      if (report_.rounds.empty() && round.verdict.holds) search.guess(predict(round));
      search.add(*streams, round.verdict.holds);
      tell(round);
      report_.rounds.push_back(std::move(round));
    }
    report_.streams = search.holds();
    report_.fails = search.fails();
    report_.interrupted = !search.found();
    report_.marks = marks_of(report_);
    report_.targets = millrace::bench::judge(report_);
    return std::move(report_);
  }

 private:
  // What runs programs of its own comes before the workers: it takes every child of this process for its own.
  Status prepare() {
    if (const Result<JobSpec> spec = capacity_spec(options_.profile, file_url("/source")); !spec.ok())
      return spec.status();
    Result<Environment> environment =
        measured_environment(options_.millrace, options_.ffmpeg, options_.source, folder_, stop_);
    if (!environment.ok()) return environment.status();
    Result<Source> source = look_at(fs::absolute(options_.source));
    if (!source.ok()) return source.status();
    source_ = std::move(*source);
    if (Status s = check_source(); !s.ok()) return s;
    if (Status s = make_long_enough(); !s.ok()) return s;
    Result<JobSpec> spec = capacity_spec(options_.profile, source_.url);
    if (!spec.ok()) return spec.status();
    spec_ = std::move(*spec);
    if (source_.duration_seconds > total()) spec_.trim = {0, total()};
    Result<Plan> plan = plan_for(machine_.cpu.usable_cores);
    if (!plan.ok())
      return plan.status().field() == "device" ? Status(Code::resource_exhausted, plan.status().message())
                                               : plan.status();
    plan_ = std::move(*plan);
    rules_.segment_seconds = static_cast<double>(plan_.clock.segment_ticks()) / engine::kTicksPerSecond;
    rules_.warm_up = options_.warm_up;
    if (Status s = check_disk(); !s.ok()) return s;
    begin_report(std::move(*environment));
    return read_calibration();
  }

  // Stages are on devices where this build drives them and it pays.
  Result<Plan> plan_for(int cores) const {
    return engine::make_plan(source_, spec_, machine_, cores, {engine::built_backends(), {}, {}});
  }

  double total() const { return options_.warm_up + options_.seconds; }

  Result<Source> look_at(const fs::path& file) {
    auto workers = start_workers(options_.millrace);
    if (!workers.ok()) return workers.status();
    return (*workers)->inspect(file_url(file), /*accept_damage=*/false, std::stop_token());
  }

  Status check_source() const {
    if (source_.main_video() == nullptr)
      return Status(Code::unsupported, options_.source.string() + ": it has no picture; name a video");
    if (source_.duration_seconds <= 0)
      return Status(Code::unsupported,
                    options_.source.string() + ": it does not say how long it is; take another container");
    if (source_.duration_seconds < options_.warm_up)
      return Status(Code::unsupported,
                    fmt::format("{}: it lasts {:.1f} s, less than the warm-up of {:.4g} s; take a longer one",
                                options_.source.string(), source_.duration_seconds, options_.warm_up));
    return {};
  }

  double picture_seconds() const {
    const double seconds = source_.main_video()->duration_seconds;
    return seconds > 0 ? seconds : source_.duration_seconds;
  }

  // A source that is too short is repeated, its packets copied.
  Status make_long_enough() {
    if (picture_seconds() >= total()) return {};
    listener_.progress(
        fmt::format("the source lasts {:.1f} s and is repeated to {:.0f} s", picture_seconds(), total()));
    const fs::path list = folder_ / "repeated.txt";
    if (Status s = engine::write_file(
            list, repetition_list(fs::absolute(options_.source), picture_seconds(), total()));
        !s.ok())
      return s;
    const bool mp4 = source_.container.find("mp4") != std::string::npos;
    const fs::path file = folder_ / (mp4 ? "repeated.mp4" : "repeated.mkv");
    Command command = {options_.ffmpeg, "-nostdin", "-loglevel",
                       "error",         "-f",       "concat",
                       "-safe",         "0",        "-i",
                       list.string(),   "-map",     fmt::format("0:{}", source_.main_video()->index)};
    if (source_.main_audio() != nullptr)
      command.insert(command.end(), {"-map", fmt::format("0:{}", source_.main_audio()->index)});
    const std::string length = fmt::format("{:.3f}", total() + 1);
    command.insert(command.end(), {"-c", "copy", "-t", length, file.string()});
    if (const Result<std::string> made = output_of(command, folder_, stop_); !made.ok()) return made.status();
    repeated_ = true;
    Result<Source> source = look_at(file);
    if (!source.ok()) return source.status();
    source_ = std::move(*source);
    return {};
  }

  Status check_disk() {
    const Result<std::int64_t> free = engine::free_space(folder_);
    if (!free.ok()) return free.status();
    const double each = std::max(1.0, static_cast<double>(plan_.estimated_bytes));
    const double fit = kDiskShare * static_cast<double>(*free) / each;
    if (fit < 1)
      return Status(
          Code::resource_exhausted,
          fmt::format("{}: one stream writes {:.1f} GB, which is not free there; name another --folder",
                      folder_.string(), each * 1e-9));
    most_ = static_cast<int>(std::min<double>(options_.most, fit));
    return {};
  }

  void begin_report(Environment environment) {
    report_.profile = options_.profile;
    JobSpec spec = spec_;
    spec.input_url = file_url(fs::absolute(options_.source));
    report_.spec = engine::to_json(spec).dump();
    report_.seconds = options_.seconds;
    report_.warm_up = options_.warm_up;
    report_.segment_seconds = rules_.segment_seconds;
    report_.devices = devices_of(plan_);
    report_.environment = std::move(environment);
    report_.environment.source_text =
        fmt::format("{:.1f} s, {}x{}, {}{}", source_.duration_seconds, source_.main_video()->width,
                    source_.main_video()->height, source_.main_video()->codec, repeated_ ? ", repeated" : "");
    report_.environment.workload =
        fmt::format("paced streams of {}, {:.4g} s after {:.4g} s of warm-up: {}", options_.profile,
                    options_.seconds, options_.warm_up, report_.spec);
    listener_.environment(report_.environment);
  }

  Status read_calibration() {
    if (options_.calibration.empty()) return {};
    const Result<std::string> text = engine::read_file(options_.calibration);
    if (!text.ok()) return text.status();
    const Result<engine::CostModel> model = calibration_in(*text, machine_);
    if (model.status().code() == Code::unsupported) {
      report_.calibration_note =
          fmt::format("{} is not used: {}", options_.calibration.string(), model.status().message());
      return {};
    }
    if (!model.ok()) return model.status().under(options_.calibration.string());
    const engine::Capacity capacity = engine::capacity_of(plan_, *model, hw::budget_of(machine_));
    report_.predictions.push_back({capacity.slots.sessions,
                                   std::string(hw::to_string(capacity.slots.limited_by)), "calibration",
                                   capacity.cores});
    return {};
  }

  double seconds_now() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  void look_before() {
    meter_.look(seconds_now());
    stop_.wait(kLookBefore);
    report_.other_cores_before = meter_.look(seconds_now()).other_cores;
  }

  CapacityRound run_round(int streams) {
    listener_.progress(
        fmt::format("{} for about {:.0f} s", streams_text(streams), total() + rules_.segment_seconds));
    CapacityRound round;
    round.streams = streams;
    round.cores_each = std::max(1, machine_.cpu.usable_cores / streams);
    round.begin = seconds_now();
    meter_.others(round.begin);
    meter_.look(round.begin);
    const StreamsSetting setting{spec_,
                                 plan_for(round.cores_each).value_or(plan_),
                                 streams,
                                 round.cores_each,
                                 rules_.segment_seconds,
                                 folder_ / "streams"};
    const std::size_t expected =
        static_cast<std::size_t>(streams) * counted_segments(plan_.renditions.size() + plan_.sounds.size(),
                                                             rules_.segment_seconds, rules_.warm_up, total());
    const auto watch = [&](const StreamsLook& look) {
      if (seconds_now() > round.begin + 0.5) {
        round.samples.push_back(meter_.look(seconds_now()));
        round.samples.back().streams = look.running;
        tell_progress(round);
      }
      round.cut_short = cannot_hold(look.streams, expected);
      return !round.cut_short;
    };
    round.times = run_streams(setting, *workers_, machine_, watch, stop_);
    round.seconds = seconds_now() - round.begin;
    round.others = meter_.others(seconds_now());
    return round;
  }

  bool cannot_hold(const std::vector<StreamTimes>& streams, std::size_t expected) const {
    if (std::any_of(streams.begin(), streams.end(),
                    [](const StreamTimes& each) { return !each.failure.empty(); }))
      return true;
    if (!report_.rounds.empty()) return is_lost(streams, rules_, expected);
    // What is usual is not known yet: no encoder looks two segments ahead.
    return std::any_of(streams[0].segments.begin(), streams[0].segments.end(), [&](const TimedSegment& each) {
      return each.media_end > rules_.warm_up && each.delay() > 2 * rules_.segment_seconds;
    });
  }

  void learn_from_first(const CapacityRound& round) {
    rules_.usual = usual_delays(round.times[0], rules_.warm_up);
    report_.usual = rules_.usual;
  }

  void judge(CapacityRound& round) const {
    round.verdict = judge_round(round.times, rules_);
    if (!round.cut_short || !round.verdict.holds) return;
    round.verdict.holds = false;
    round.verdict.reasons.emplace_back("it came two segments behind");
  }

  // From what one stream takes.
  int predict(const CapacityRound& round) {
    const LoadSample means = means_of(round);
    hw::Demand demand;
    demand.millicores = engine::live_millicores(means.own_cores);
    demand.memory_bytes = means.memory_bytes;
    const hw::Slots slots = hw::size_slots(hw::budget_of(machine_), demand);
    report_.predictions.push_back({slots.sessions, std::string(hw::to_string(slots.limited_by)),
                                   fmt::format("one stream took {:.2f} cores and {:.0f} MB", means.own_cores,
                                               static_cast<double>(means.memory_bytes) * 1e-6)});
    return slots.sessions;
  }

  void tell_progress(const CapacityRound& round) const {
    if (round.samples.size() % kProgressEvery != 0) return;
    const LoadSample& now = round.samples.back();
    listener_.progress(fmt::format("  {:.0f} s: {} of {} streams run, {:.2f} cores, others {:.2f}",
                                   now.seconds - round.begin, now.streams, round.streams, now.own_cores,
                                   now.other_cores));
  }

  void tell(const CapacityRound& round) const {
    listener_.progress(fmt::format("{}: {}, lateness p99 {:.2f} s{}{}", streams_text(round.streams),
                                   round.verdict.holds ? "holds" : "does not hold",
                                   round.verdict.lateness.p99, round.verdict.reasons.empty() ? "" : ": ",
                                   round.verdict.reasons.empty() ? "" : round.verdict.reasons.front()));
  }

  const CapacityOptions& options_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  const fs::path folder_;
  const hw::Inventory machine_ = hw::probe({.program = options_.millrace});
  LoadMeter meter_;
  Source source_;
  bool repeated_ = false;
  JobSpec spec_;
  Plan plan_;
  RoundRules rules_;
  int most_ = 1;
  Clock::time_point begin_;
  std::unique_ptr<WorkerPool> workers_;
  CapacityReport report_;
};

}  // namespace

Result<JobSpec> capacity_spec(const std::string& profile, const std::string& input_url) {
  Result<JobSpec> spec = bench_spec(profile, input_url);
  if (spec.ok()) spec->real_time = true;
  return spec;
}

Result<engine::CostModel> calibration_in(std::string_view text, const hw::Inventory& machine) {
  const std::optional<hw::Inventory> of = hw::inventory_of(text);
  const Json document = Json::parse(text, nullptr, false);
  if (!of || !document.contains("calibration"))
    return Status(Code::corrupt_input, "it is not what millrace probe --calibrate --json prints");
  if (engine::fingerprint_of(*of) != engine::fingerprint_of(machine))
    return Status(Code::unsupported, fmt::format("it is of another machine ({}, {} cores)", of->cpu.model,
                                                 of->cpu.usable_cores));
  return engine::cost_model_from_json(document["calibration"]);
}

std::string repetition_list(const fs::path& source, double seconds, double total) {
  std::string quoted;  // FFmpeg's own quoting, as of a shell
  for (const char letter : source.string())
    quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  std::string list;
  for (double made = 0; made < total + 1; made += seconds)
    list += fmt::format("file '{}'\nduration {:.6f}\n", quoted, seconds);
  return list;
}

std::size_t counted_segments(std::size_t tracks, double segment_seconds, double warm_up, double total) {
  const double edges = std::floor(warm_up / segment_seconds);
  return tracks * static_cast<std::size_t>(std::max(0.0, std::ceil(total / segment_seconds) - edges));
}

Result<CapacityReport> run_capacity_bench(const CapacityOptions& options, const BenchListener& listener,
                                          const StopFlag& stop) {
  const Result<ScratchFolder> folder = ScratchFolder::make("bench", options.folder);
  if (!folder.ok()) return folder.status();
  return CapacityRun(options, listener, stop, folder->path()).run();
}

}  // namespace millrace::bench
