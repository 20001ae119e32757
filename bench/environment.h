// Environment: on what and with what a measurement was made. Plain data, and how to gather it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bench/stop_flag.h"
#include "engine/base/status.h"
#include "hw/inventory.h"

namespace millrace::bench {

// One shared library that decides about speed, as each program loads it. Empty: not loaded by that program.
struct LibraryFact {
  std::string name;      // "libavcodec"
  std::string millrace;  // "libavcodec.so.59.37.100"
  std::string ffmpeg;
};

struct Environment {
  std::string date;  // RFC 3339, UTC
  std::string system;
  std::string kernel;
  std::string cpu;
  int usable_cores = 0;
  double core_budget = 0;  // CPU time granted, in cores
  std::int64_t memory_bytes = 0;
  std::string load;  // 1, 5 and 15 minutes, before the first run
  std::string bench_version;
  std::string millrace_version;
  std::string ffmpeg_version;
  std::vector<LibraryFact> libraries;
  std::string source_path;
  std::int64_t source_bytes = 0;
  std::string source_sha256;
  std::string source_text;
  std::string workload;
};

// The machine's part. `loadavg` is the content of /proc/loadavg.
Environment environment_of(const hw::Inventory& machine, std::string_view loadavg);

// "libavcodec.so.59.37.100" and its like out of what ldd prints, links followed: FFmpeg's libraries, x264,
// zimg, the C library.
std::vector<std::string> library_files(std::string_view ldd);

// Both programs' lists side by side, by the name before ".so".
std::vector<LibraryFact> compared(const std::vector<std::string>& millrace,
                                  const std::vector<std::string>& ffmpeg);

// Adds versions, libraries and the source's size and digest. Runs both programs; files are made in `folder`.
// Reads the whole source, which also brings it into the page cache for every way alike.
engine::Status add_programs_and_source(Environment& environment, const std::string& millrace,
                                       const std::string& ffmpeg, const std::filesystem::path& source,
                                       const std::filesystem::path& folder, const StopFlag& stop);

// All of it but what the source is and what is done with it.
engine::Result<Environment> measured_environment(const std::string& millrace, const std::string& ffmpeg,
                                                 const std::filesystem::path& source,
                                                 const std::filesystem::path& folder, const StopFlag& stop);

}  // namespace millrace::bench
