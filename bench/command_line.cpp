#include "bench/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <system_error>

#include "bench/report_html.h"
#include "bench/report_json.h"
#include "bench/report_text.h"
#include "engine/base/file.h"
#include "engine/base/version.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::Result;
using engine::Status;

constexpr const char* kClip = "clips/bbb_1080p25_62s.mp4";

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

Result<fs::path> default_source(const Defaults& defaults) {
  std::error_code error;
  for (const fs::path& folder : defaults.media_folders) {
    if (fs::is_regular_file(folder / kClip, error)) return folder / kClip;
  }
  return Status(
      Code::invalid_argument,
      fmt::format("the usual clip, {}, is not here; pass --source FILE or set MILLRACE_MEDIA", kClip));
}

Status check_and_complete(LadderRequest& request, const Defaults& defaults) {
  if (request.json) {
    if (Status status = can_be_written("--json", *request.json); !status.ok()) return status;
  }
  if (request.html) {
    if (Status status = can_be_written("--html", *request.html); !status.ok()) return status;
  }
  LadderOptions& options = request.options;
  if (options.source.empty()) {
    const Result<fs::path> source = default_source(defaults);
    if (!source.ok()) return source.status();
    options.source = *source;
  }
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

int exit_code(const Status& status) {
  switch (status.code()) {
    case Code::ok:
      return 0;
    case Code::invalid_argument:
      return 2;
    case Code::not_found:
    case Code::unsupported:
    case Code::corrupt_input:
      return 3;
    case Code::cancelled:
      return 4;
    default:
      return 1;
  }
}

int failed(const Status& status) {
  fmt::print(stderr, "millrace-bench: {}\n", status.message());
  return exit_code(status);
}

Status write_reports(const LadderRequest& request, const LadderReport& report) {
  if (request.json) {
    const std::string text =
        to_json(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    if (Status status = engine::write_file(*request.json, text); !status.ok()) return status;
  }
  if (request.html) return engine::write_file(*request.html, html_page(report));
  return {};
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
  CLI::App app("Measures Millrace against other ways of doing the same work.", "millrace-bench");
  app.set_version_flag("--version", "millrace-bench " + std::string(engine::version()));
  app.require_subcommand(1);
  CLI::App* ladder = app.add_subcommand(
      "ladder",
      "Makes one ladder with millrace, with one ffmpeg command and with one ffmpeg process per\n"
      "rendition, in turn, and compares time, CPU, memory, picture and the latency of a served job.\n"
      "Takes minutes; do nothing else on the machine meanwhile. Results on stdout, progress on stderr.");
  LadderRequest request;
  LadderOptions& options = request.options;
  std::string source, json, html;
  int jobs = 0;
  ladder->add_option("--source", source,
                     std::string("video to make the ladder of (default: ") + kClip +
                         " in MILLRACE_MEDIA or ../shared/media)");
  ladder->add_option("--preset", options.preset, "x264 preset of every way")
      ->capture_default_str()
      ->check(CLI::IsMember(
          {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"}));
  ladder->add_option("--rounds", options.rounds, "how often each way runs")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  ladder->add_option("--millrace", options.millrace,
                     "program to measure (default: millrace beside this program)");
  ladder->add_option("--ffmpeg", options.ffmpeg, "program to compare with; ffprobe is taken from beside it")
      ->capture_default_str();
  CLI::Option* with_jobs =
      ladder->add_option("--jobs", jobs, "handed to millrace transcode")->check(CLI::Range(1, 1024));
  CLI::Option* with_json = ladder->add_option("--json", json, "file for the results as JSON");
  CLI::Option* with_html = ladder->add_option("--html", html, "file for the results as a page");
  bool no_server = false;
  ladder->add_flag("--no-server", no_server, "leave the latency of a served job out");

  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::Success& asked) {  // help or version
    if (dynamic_cast<const CLI::CallForVersion*>(&asked) != nullptr) return std::string(asked.what()) + "\n";
    return app.help();
  } catch (const CLI::ParseError& error) {
    return Status(Code::invalid_argument, std::string(error.what()) + "; see millrace-bench --help");
  }
  options.source = source;
  options.with_server = !no_server;
  if (with_jobs->count() > 0) options.jobs = jobs;
  if (with_json->count() > 0) request.json = json;
  if (with_html->count() > 0) request.html = html;
  if (Status status = check_and_complete(request, defaults); !status.ok()) return status;
  return request;
}

int run_bench(int argc, char** argv) {
  const Parsed parsed = parse_command_line(std::vector<std::string>(argv + 1, argv + argc), defaults_here());
  if (const auto* refusal = std::get_if<Status>(&parsed)) return failed(*refusal);
  if (const auto* text = std::get_if<std::string>(&parsed)) {
    fmt::print("{}", *text);
    return 0;
  }
  const auto& request = std::get<LadderRequest>(parsed);
  StopFlag stop;
  const StopOnSignals on_signals(stop);
  LadderListener listener;
  listener.environment = [&](const Environment& environment) {
    fmt::print("{}\n", environment_text(environment, request.options.rounds));
    std::fflush(stdout);
  };
  listener.progress = [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
  const Result<LadderReport> report = run_ladder_bench(request.options, listener, stop);
  if (!report.ok()) return failed(report.status());
  fmt::print("{}", figures_text(*report));
  if (Status status = write_reports(request, *report); !status.ok())
    return failed(Status(Code::io_error, status.message()));
  return 0;
}

}  // namespace millrace::bench
