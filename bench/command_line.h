// What a person may ask of millrace-bench. Parsing is pure but for looking whether files are there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bench/capacity_bench.h"
#include "bench/cores_bench.h"
#include "bench/gpu_bench.h"
#include "bench/kernels_bench.h"
#include "bench/ladder_bench.h"
#include "bench/overhead_bench.h"
#include "bench/resume_bench.h"
#include "bench/soak_bench.h"
#include "bench/store_bench.h"
#include "bench/thumbnails_bench.h"
#include "engine/base/status.h"

namespace millrace::bench {

// One measurement, and the files for its results. Not every measurement has a page.
template <class Options>
struct Request {
  Options options;
  std::optional<std::filesystem::path> json;
  std::optional<std::filesystem::path> html;
};
using LadderRequest = Request<LadderOptions>;
using CoresRequest = Request<CoresOptions>;
using ThumbnailsRequest = Request<ThumbnailsOptions>;
using StoreRequest = Request<StoreBenchOptions>;
using ResumeRequest = Request<ResumeOptions>;
using SoakRequest = Request<SoakOptions>;
using CapacityRequest = Request<CapacityOptions>;
using KernelsRequest = Request<KernelsOptions>;
using GpuRequest = Request<GpuOptions>;
using OverheadRequest = Request<OverheadOptions>;
struct CompareRequest {
  std::filesystem::path a, b;
};

// Where things are looked for that were not named.
struct Defaults {
  std::filesystem::path program;                     // this program: `millrace` lies beside it
  std::vector<std::filesystem::path> media_folders;  // the first that holds the usual clip gives the source
};
// From /proc/self/exe, MILLRACE_MEDIA, and shared/media beside the folder of the repository.
Defaults defaults_here();

// A request, or text for standard output (help, the version), or why it is refused (invalid_argument).
using Parsed = std::variant<LadderRequest, CoresRequest, ThumbnailsRequest, StoreRequest, ResumeRequest,
                            SoakRequest, CapacityRequest, KernelsRequest, GpuRequest, OverheadRequest,
                            CompareRequest, std::string, engine::Status>;
// `words` without the program's name.
Parsed parse_command_line(const std::vector<std::string>& words, const Defaults& defaults);

}  // namespace millrace::bench
