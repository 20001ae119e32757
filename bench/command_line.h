// What a person may ask of millrace-bench. Parsing is pure but for looking whether files are there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bench/ladder_bench.h"
#include "bench/resume_bench.h"
#include "bench/store_bench.h"
#include "bench/thumbnails_bench.h"
#include "engine/base/status.h"

namespace millrace::bench {

struct LadderRequest {
  LadderOptions options;
  std::optional<std::filesystem::path> json;
  std::optional<std::filesystem::path> html;
};

struct ThumbnailsRequest {
  ThumbnailsOptions options;
  std::optional<std::filesystem::path> json;
};

struct StoreRequest {
  StoreBenchOptions options;
  std::optional<std::filesystem::path> json;
  std::optional<std::filesystem::path> html;
};

struct ResumeRequest {
  ResumeOptions options;
  std::optional<std::filesystem::path> json;
  std::optional<std::filesystem::path> html;
};

// Where things are looked for that were not named.
struct Defaults {
  std::filesystem::path program;                     // this program: `millrace` lies beside it
  std::vector<std::filesystem::path> media_folders;  // the first that holds the usual clip gives the source
};
// From /proc/self/exe, MILLRACE_MEDIA, and shared/media beside the folder of the repository.
Defaults defaults_here();

// A request, or text for standard output (help, the version), or why it is refused (invalid_argument).
using Parsed =
    std::variant<LadderRequest, ThumbnailsRequest, StoreRequest, ResumeRequest, std::string, engine::Status>;
// `words` without the program's name.
Parsed parse_command_line(const std::vector<std::string>& words, const Defaults& defaults);

// The whole program: parses, runs, reports. Exit code: 0 done, whatever the verdicts; 1 it failed; 2 wrong
// usage; 3 the source cannot be read or is refused; 4 stopped by a signal.
int run_bench(int argc, char** argv);

}  // namespace millrace::bench
