#include "bench/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <system_error>

#include "bench/command.h"
#include "bench/measured_run.h"
#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/base/version.h"
#include "hw/probe.h"
#include "hw/text_file.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Result;
using engine::Status;

constexpr std::array<std::string_view, 10> kLibraries = {
    "libavcodec",    "libavfilter", "libavformat", "libavutil", "libswscale",
    "libswresample", "libx264",     "libzimg",     "libc",      "libstdc++"};

std::string_view base_of(std::string_view file) { return file.substr(0, file.find(".so")); }

std::string now_text() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string first_line(std::string_view text) {
  return std::string(hw::trim(text.substr(0, text.find('\n'))));
}

// Empty when ldd cannot tell: a static program, or no ldd here.
std::vector<std::string> libraries_of(const std::string& program, const fs::path& folder,
                                      const StopFlag& stop) {
  const Result<std::string> path = find_program(program);
  if (!path.ok()) return {};
  const Result<std::string> text = output_of({"ldd", *path}, folder, stop);
  return text.ok() ? library_files(*text) : std::vector<std::string>();
}

}  // namespace

Environment environment_of(const hw::Inventory& machine, std::string_view loadavg) {
  Environment environment;
  environment.date = now_text();
  environment.system = machine.os;
  environment.kernel = machine.kernel;
  environment.cpu = machine.cpu.model.empty() ? machine.cpu.vendor : machine.cpu.model;
  environment.usable_cores = machine.cpu.usable_cores;
  environment.core_budget = hw::core_budget(machine.cpu);
  environment.memory_bytes = static_cast<std::int64_t>(machine.memory.total_bytes);
  const std::vector<std::string_view> words = hw::words(loadavg);
  environment.load = words.size() < 3 ? "not known" : fmt::format("{} {} {}", words[0], words[1], words[2]);
  environment.bench_version = engine::version();
  return environment;
}

std::vector<std::string> library_files(std::string_view ldd) {
  std::vector<std::string> files;
  for (const std::string_view line : hw::split(ldd, '\n')) {
    const std::vector<std::string_view> words = hw::words(line);
    if (words.size() < 3 || words[1] != "=>" || !words[2].starts_with('/')) continue;
    if (std::find(kLibraries.begin(), kLibraries.end(), base_of(words[0])) == kLibraries.end()) continue;
    std::error_code error;
    const fs::path real = fs::weakly_canonical(fs::path(words[2]), error);
    files.push_back((error ? fs::path(words[2]) : real).filename().string());
  }
  return files;
}

std::vector<LibraryFact> compared(const std::vector<std::string>& millrace,
                                  const std::vector<std::string>& ffmpeg) {
  const auto named = [](const std::vector<std::string>& files, std::string_view name) {
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&](const std::string& file) { return base_of(file) == name; });
    return found == files.end() ? std::string() : *found;
  };
  std::vector<LibraryFact> facts;
  for (const std::string_view name : kLibraries) {
    LibraryFact fact{std::string(name), named(millrace, name), named(ffmpeg, name)};
    if (!fact.millrace.empty() || !fact.ffmpeg.empty()) facts.push_back(std::move(fact));
  }
  return facts;
}

Status add_programs_and_source(Environment& environment, const std::string& millrace,
                               const std::string& ffmpeg, const fs::path& source, const fs::path& folder,
                               const StopFlag& stop) {
  const Result<std::string> millrace_version = output_of({millrace, "--version"}, folder, stop);
  if (!millrace_version.ok()) return millrace_version.status();
  environment.millrace_version = first_line(*millrace_version);
  const Result<std::string> ffmpeg_version = output_of({ffmpeg, "-version"}, folder, stop);
  if (!ffmpeg_version.ok()) return ffmpeg_version.status();
  environment.ffmpeg_version = first_line(*ffmpeg_version);
  environment.libraries = compared(libraries_of(millrace, folder, stop), libraries_of(ffmpeg, folder, stop));

  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(source, error);
  if (error) return Status(engine::Code::io_error, source.string() + ": cannot be read: " + error.message());
  Result<std::string> digest = engine::sha256_of_file(source);
  if (!digest.ok()) return digest.status();
  environment.source_path = source.string();
  environment.source_bytes = static_cast<std::int64_t>(bytes);
  environment.source_sha256 = *digest;
  return {};
}

engine::Result<Environment> measured_environment(const std::string& millrace, const std::string& ffmpeg,
                                                 const std::filesystem::path& source,
                                                 const std::filesystem::path& folder, const StopFlag& stop) {
  const engine::Result<std::string> load = engine::read_file("/proc/loadavg");
  Environment environment = environment_of(hw::probe(), load.value_or(""));
  if (engine::Status status = add_programs_and_source(environment, millrace, ffmpeg, source, folder, stop);
      !status.ok())
    return status;
  return environment;
}

}  // namespace millrace::bench
