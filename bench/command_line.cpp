#include "bench/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

#include "bench/command_flags.h"
#include "bench/device_commands.h"
#include "engine/base/version.h"
#include "engine/job/profiles.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::Result;
using engine::Status;

constexpr const char* kLadderClip = "clips/bbb_1080p25_62s.mp4";
constexpr const char* kThumbnailsClip = "clips/long_1080p30_363s_lowbitrate.mp4";

// After minutes of measuring is a bad time to find out.
Status can_be_written(const char* flag, const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code error;
  if (file.has_filename() && !fs::is_directory(file, error) && fs::is_directory(folder, error) &&
      ::access(folder.c_str(), W_OK) == 0)
    return {};
  return Status(
      Code::invalid_argument,
      fmt::format("{} {}: no file can be written there; name one in a folder of yours", flag, file.string()));
}

Result<fs::path> default_source(const Defaults& defaults, const char* clip) {
  std::error_code error;
  for (const fs::path& folder : defaults.media_folders) {
    if (fs::is_regular_file(folder / clip, error)) return folder / clip;
  }
  return Status(
      Code::invalid_argument,
      fmt::format("the usual clip, {}, is not here; name another source or set MILLRACE_MEDIA", clip));
}

// Programs that were left out are found, those that are not there refused.
template <class Options>
Status complete_programs(Options& options, const Defaults& defaults) {
  if (options.millrace.empty()) options.millrace = (defaults.program.parent_path() / "millrace").string();
  const std::array<std::pair<const char*, std::string>, 3> programs = {
      {{"--millrace", options.millrace},
       {"--ffmpeg", options.ffmpeg},
       {"--ffmpeg", ffprobe_beside(options.ffmpeg)}}};
  for (const auto& [flag, name] : programs) {
    if (const Result<std::string> found = find_program(name); !found.ok())
      return Status(Code::invalid_argument, fmt::format("{} {}", flag, found.status().message()));
  }
  return {};
}

// Of a request that needs a source: the usual clip where none is named.
template <class Options>
Status complete(Options& options, const std::string& source, const Defaults& defaults, const char* clip) {
  options.source = source;
  if (source.empty()) {
    const Result<fs::path> usual = default_source(defaults, clip);
    if (!usual.ok()) return usual.status();
    options.source = *usual;
  }
  return complete_programs(options, defaults);
}

Status take_file(const char* flag, const std::string& name, std::optional<fs::path>& file) {
  if (name.empty()) return {};
  file = name;
  return can_be_written(flag, name);
}

// The flags of every comparison.
template <class Options>
void add_common(CLI::App& command, Options& options, std::string& json) {
  add_rounds(command, options, "how often each way runs");
  add_programs(command, options);
  command.add_option("--json", json, "file for the results as JSON");
}

CLI::App* add_store(CLI::App& app, StoreBenchOptions& options) {
  CLI::App* store = app.add_subcommand(
      "store",
      "How many jobs a second the store takes durably, and how fast it lists many of them by state.\n"
      "Results on stdout, progress on stderr.");
  add_folder(*store, options, "on the disk to measure");
  store->add_option("--clients", options.clients, "that submit at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  store->add_option("--submissions", options.submissions, "of all clients together")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000'000));
  store->add_option("--jobs", options.jobs, "that are listed")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000'000));
  store->add_option("--page", options.page, "jobs a page")->capture_default_str()->check(CLI::Range(1, 500));
  return store;
}

CLI::App* add_resume(CLI::App& app, ResumeOptions& options, std::uint64_t& seed) {
  CLI::App* resume = app.add_subcommand(
      "resume",
      "Kills workers and the daemon of a millrace serve at random moments, over a set of jobs, and says "
      "what\n"
      "was lost, made twice or left over, and how soon work went on. Results on stdout, progress on stderr.");
  resume->add_option("--kills", options.kills, "how many")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  resume->add_option("--jobs", options.jobs, "unfinished at any time")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  resume->add_option("--seed", seed, "of the random moments (default: another one each time)");
  resume->add_option("--source", options.source, "video of the jobs (default: one that ffmpeg draws)")
      ->check(CLI::ExistingFile);
  resume->add_option("--clip-seconds", options.clip_seconds, "length of the drawn one")
      ->capture_default_str()
      ->check(CLI::Range(4.0, 3600.0));
  add_folder(*resume, options, "for the data");
  add_programs(*resume, options);
  return resume;
}

CLI::App* add_soak(CLI::App& app, SoakOptions& options, std::uint64_t& seed) {
  CLI::App* soak = app.add_subcommand(
      "soak",
      "Gives a millrace serve short jobs by the thousand while workers are killed or hang, sources go and "
      "the\n"
      "disk fills up, and says how they ended and whether the daemon grew. To fill a disk it mounts one of\n"
      "its own, which takes root; without it that fault is left out. Results on stdout, progress on stderr.");
  soak->add_option("--jobs", options.jobs, "how many")
      ->capture_default_str()
      ->check(CLI::Range(4, 1'000'000));
  soak->add_option("--seed", seed, "of the faults (default: another one each time)");
  add_folder(*soak, options, "for the data");
  add_programs(*soak, options);
  return soak;
}

std::string profile_names() {
  std::string names;
  for (const engine::Profile& each : engine::profiles()) names += (names.empty() ? "" : ", ") + each.name;
  return names;
}

// Of every measurement of one kind of job.
template <class Options>
void add_profile(CLI::App& command, Options& options) {
  command
      .add_option("--profile", options.profile,
                  fmt::format("{}, or a file with a job's spec, whose input is replaced", profile_names()))
      ->capture_default_str();
}

CLI::App* add_overhead(CLI::App& app, OverheadOptions& options) {
  CLI::App* overhead = app.add_subcommand("overhead",
                                          "What a job costs the CPU over its decoder and its encoders alone, "
                                          "and what the difference is made of.\n"
                                          "Results on stdout, progress on stderr.");
  add_profile(*overhead, options);
  overhead->add_option("--seconds", options.seconds, "of the source, from its beginning")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 3600.0));
  add_rounds(*overhead, options, "how often the job and its parts run");
  add_folder(*overhead, options, "for what is made");
  add_programs(*overhead, options);
  return overhead;
}

CLI::App* add_capacity(CLI::App& app, CapacityOptions& options) {
  CLI::App* capacity = app.add_subcommand(
      "capacity",
      "How many streams this machine carries at real time: runs paced streams, more or fewer at a time, and\n"
      "says the most for which every one keeps pace and its segments come in time, and what limits them.\n"
      "Takes some rounds of --seconds; do nothing else on the machine meanwhile. Results on stdout, "
      "progress\n"
      "on stderr. Stopped, it reports what it knows by then.");
  add_profile(*capacity, options);
  capacity->add_option("--seconds", options.seconds, "of each stream that count")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 360'000.0));
  capacity->add_option("--warm-up", options.warm_up, "seconds before them")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0));
  capacity->add_option("--most", options.most, "streams that are tried")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096));
  capacity->add_option(
      "--calibration", options.calibration,
      "what millrace probe --calibrate --json printed: its prediction is held against the result");
  add_folder(*capacity, options, "for what the streams write");
  add_programs(*capacity, options);
  return capacity;
}

}  // namespace

Defaults defaults_here() {
  Defaults defaults;
  std::error_code error;
  defaults.program = fs::read_symlink("/proc/self/exe", error);
  if (const char* media = std::getenv("MILLRACE_MEDIA"); media != nullptr && *media != '\0')
    defaults.media_folders.emplace_back(media);
  defaults.media_folders.emplace_back(defaults.program.parent_path() / "../../shared/media");
  defaults.media_folders.emplace_back("../shared/media");
  for (fs::path& folder : defaults.media_folders) folder = fs::absolute(folder).lexically_normal();
  return defaults;
}

Parsed parse_command_line(const std::vector<std::string>& words, const Defaults& defaults) {
  CLI::App app("Measures Millrace, and against other ways of doing the same work.", "millrace-bench");
  app.set_version_flag("--version", "millrace-bench " + std::string(engine::version()));
  app.require_subcommand(1);
  const auto usual = [](const char* what, const char* clip) {
    return fmt::format("{} (default: {} in MILLRACE_MEDIA or ../shared/media)", what, clip);
  };
  std::string source, json, html;

  CLI::App* ladder = app.add_subcommand(
      "ladder",
      "Makes one ladder with millrace, with one ffmpeg command and with one ffmpeg process per\n"
      "rendition, in turn, and compares time, CPU, memory, picture and the latency of a served job.\n"
      "Takes minutes; do nothing else on the machine meanwhile. Results on stdout, progress on stderr.");
  LadderRequest ladder_request;
  LadderOptions& options = ladder_request.options;
  int jobs = 0;
  bool no_server = false;
  ladder->add_option("--source", source, usual("video to make the ladder of", kLadderClip));
  add_preset(*ladder, options, "x264 preset of every way");
  add_common(*ladder, options, json);
  CLI::Option* with_jobs =
      ladder->add_option("--jobs", jobs, "handed to millrace transcode")->check(CLI::Range(1, 1024));
  CLI::Option* without_server =
      ladder->add_flag("--no-server", no_server, "leave the latency of a served job out");
  CoresRequest cores_request;
  ladder
      ->add_option(
          "--cores", cores_request.options.cores,
          "numbers, as in 1,2,4: Millrace alone, kept to so many cores of this machine, and how near "
          "it comes to its CPU seconds shared among them")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024))
      ->excludes(with_jobs)
      ->excludes(without_server);

  CLI::App* thumbnails = app.add_subcommand(
      "thumbnails",
      "Takes stills of one video with millrace in one job, and with ffmpeg and one seek per still, in turn,\n"
      "and compares the time. Results on stdout, progress on stderr.");
  ThumbnailsRequest thumbnails_request;
  thumbnails->add_option("source", source, usual("video to take stills of", kThumbnailsClip));
  thumbnails->add_option("--count", thumbnails_request.options.count, "stills, spread over the whole video")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  thumbnails->add_option("--width", thumbnails_request.options.width, "of a still, in pixels; even")
      ->capture_default_str()
      ->check(CLI::Range(2, 8192));
  add_common(*thumbnails, thumbnails_request.options, json);

  StoreRequest store_request;
  CLI::App* store = add_store(app, store_request.options);
  ResumeRequest resume_request;
  std::uint64_t seed = 0;
  CLI::App* resume = add_resume(app, resume_request.options, seed);
  SoakRequest soak_request;
  CLI::App* soak = add_soak(app, soak_request.options, seed);
  CapacityRequest capacity_request;
  CLI::App* capacity = add_capacity(app, capacity_request.options);
  capacity->add_option("--source", source, usual("video of every stream", kLadderClip));
  OverheadRequest overhead_request;
  CLI::App* overhead = add_overhead(app, overhead_request.options);
  overhead->add_option("--source", source, usual("video of the job", kLadderClip));
  KernelsRequest kernels_request;
  CLI::App* kernels = add_kernels(app, kernels_request.options);
  GpuRequest gpu_request;
  CLI::App* gpu = add_gpu(app, gpu_request.options);
  gpu->add_option("--source", source, usual("video of the sessions and the jobs", kLadderClip));
  CompareRequest compare_request;
  CLI::App* compare =
      app.add_subcommand("compare", "Two reports of capacity or overhead (--json) side by side.");
  compare->add_option("A", compare_request.a, "a report")->required()->check(CLI::ExistingFile);
  compare->add_option("B", compare_request.b, "another one")->required()->check(CLI::ExistingFile);
  for (CLI::App* command : {store, resume, soak, capacity, overhead, kernels, gpu})
    command->add_option("--json", json, "file for the results as JSON");
  for (CLI::App* command : {ladder, store, resume, soak, capacity, overhead, kernels, gpu})
    command->add_option("--html", html, "file for the results as a page");

  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::Success& asked) {  // help or version
    if (dynamic_cast<const CLI::CallForVersion*>(&asked) != nullptr) return std::string(asked.what()) + "\n";
    return app.help();
  } catch (const CLI::ParseError& error) {
    return Status(Code::invalid_argument, std::string(error.what()) + "; see millrace-bench --help");
  }
  if (thumbnails->parsed()) {
    if (thumbnails_request.options.width % 2 != 0)
      return Status(Code::invalid_argument, "--width: an even number is needed");
    if (Status status = take_file("--json", json, thumbnails_request.json); !status.ok()) return status;
    if (Status status = complete(thumbnails_request.options, source, defaults, kThumbnailsClip); !status.ok())
      return status;
    return thumbnails_request;
  }
  const auto take_files = [&](auto& request) {
    const Status status = take_file("--json", json, request.json);
    return status.ok() ? take_file("--html", html, request.html) : status;
  };
  const auto with_files = [&](auto& request) -> Parsed {
    if (Status status = take_files(request); !status.ok()) return status;
    return request;
  };
  const auto with_programs = [&](auto& request) -> Parsed {
    if (Status status = take_files(request); !status.ok()) return status;
    if (Status status = complete_programs(request.options, defaults); !status.ok()) return status;
    return request;
  };
  const auto with_source = [&](auto& request) -> Parsed {
    if (Status status = take_files(request); !status.ok()) return status;
    if (Status status = complete(request.options, source, defaults, kLadderClip); !status.ok()) return status;
    return request;
  };
  if (resume->count("--seed") > 0) resume_request.options.seed = seed;
  if (soak->count("--seed") > 0) soak_request.options.seed = seed;
  if (store->parsed()) return with_files(store_request);
  if (resume->parsed()) return with_programs(resume_request);
  if (soak->parsed()) return with_programs(soak_request);
  if (kernels->parsed()) return with_files(kernels_request);
  if (gpu->parsed()) return with_source(gpu_request);
  if (compare->parsed()) return compare_request;
  if (capacity->parsed()) return with_source(capacity_request);
  if (overhead->parsed()) return with_source(overhead_request);
  if (!cores_request.options.cores.empty()) {
    cores_request.options.preset = options.preset;
    cores_request.options.rounds = options.rounds;
    cores_request.options.millrace = options.millrace;
    cores_request.options.ffmpeg = options.ffmpeg;
    return with_source(cores_request);
  }
  options.with_server = !no_server;
  if (with_jobs->count() > 0) options.jobs = jobs;
  return with_source(ladder_request);
}

}  // namespace millrace::bench
