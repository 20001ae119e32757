#include "bench/run_bench.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/command_line.h"
#include "bench/compare.h"
#include "bench/report_html.h"
#include "bench/report_json.h"
#include "bench/report_text.h"
#include "engine/base/file.h"
#include "hw/probe.h"
#include "hw/text_file.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::Result;
using engine::Status;

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
    case Code::resource_exhausted:
      return 5;
    default:
      return 1;
  }
}

int failed(const Status& status) {
  fmt::print(stderr, "millrace-bench: {}\n", status.message());
  return exit_code(status);
}

Status write_json(const std::optional<fs::path>& file, const nlohmann::ordered_json& json) {
  if (!file) return {};
  return engine::write_file(*file, json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

BenchListener listener_for(int rounds) {
  BenchListener listener;
  listener.environment = [rounds](const Environment& environment) {
    fmt::print("{}\n", environment_text(environment, rounds));
    std::fflush(stdout);
  };
  listener.progress = [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
  return listener;
}

int run(const LadderRequest& request, const StopFlag& stop) {
  const Result<LadderReport> report =
      run_ladder_bench(request.options, listener_for(request.options.rounds), stop);
  if (!report.ok()) return failed(report.status());
  fmt::print("{}", figures_text(*report));
  Status status = write_json(request.json, to_json(*report));
  if (status.ok() && request.html) status = engine::write_file(*request.html, html_page(*report));
  return status.ok() ? 0 : failed(Status(Code::io_error, status.message()));
}

int run(const ThumbnailsRequest& request, const StopFlag& stop) {
  const Result<ThumbnailsReport> report =
      run_thumbnails_bench(request.options, listener_for(request.options.rounds), stop);
  if (!report.ok()) return failed(report.status());
  fmt::print("{}", figures_text(*report));
  const Status status = write_json(request.json, to_json(*report));
  return status.ok() ? 0 : failed(Status(Code::io_error, status.message()));
}

// A report that is told by its environment, its text and its targets.
template <class Report>
int tell(const Result<Report>& report, const char* title, const std::optional<fs::path>& json,
         const std::optional<fs::path>& html, const std::string& charts = {},
         const std::vector<std::string>& lead = {}) {
  if (!report.ok()) return failed(report.status());
  fmt::print("{}", figures_text(*report));
  Status status = write_json(json, to_json(*report));
  if (status.ok() && html)
    status = engine::write_file(*html, html_page({title, environment_text(report->environment, 0),
                                                  figures_text(*report), report->targets, charts, lead}));
  return status.ok() ? 0 : failed(Status(Code::io_error, status.message()));
}

// The same of what needs a device: where there is none, the report says so of every target.
template <class Report, class NotRun>
int tell_or_why_not(const Result<Report>& report, const NotRun& not_run, const char* title,
                    const std::optional<fs::path>& json, const std::optional<fs::path>& html) {
  if (report.ok() || report.status().code() != Code::resource_exhausted)
    return tell(report, title, json, html);
  const Environment here = environment_of(hw::probe(), hw::read_line("/proc/loadavg").value_or(""));
  const int told = tell(Result<Report>(not_run(here, report.status().message())), title, json, html);
  return told == 0 ? failed(report.status()) : told;
}

int run(const StoreRequest& request, const StopFlag& stop) {
  return tell(run_store_bench(request.options, listener_for(0), stop), "Millrace: the store", request.json,
              request.html);
}

int run(const SoakRequest& request, const StopFlag& stop) {
  return tell(run_soak_bench(request.options, listener_for(0), stop), "Millrace: jobs and faults",
              request.json, request.html);
}

int run(const CapacityRequest& request, const StopFlag& stop) {
  const Result<CapacityReport> report = run_capacity_bench(request.options, listener_for(0), stop);
  std::string charts;
  std::vector<std::string> lead;
  if (report.ok()) {
    charts = charts_html(*report);
    lead = report->marks;
    lead.insert(lead.begin(), report->profile + ". " + capacity_sentence(*report));
  }
  const int code =
      tell(report, "Millrace: how many streams at real time", request.json, request.html, charts, lead);
  return code == 0 && report->interrupted ? exit_code(Status(Code::cancelled, "")) : code;
}

int run(const KernelsRequest& request, const StopFlag& stop) {
  const Result<KernelsReport> report =
      run_kernels_bench(request.options, kernels::load_cuda_driver(), kernels::kernel_images(),
                        open_filter_ladder, listener_for(0), stop);
  return tell_or_why_not(report, kernels_not_run, "Millrace: GPU kernels", request.json, request.html);
}

int run(const GpuRequest& request, const StopFlag& stop) {
  const Result<GpuReport> report = run_gpu_bench(request.options, this_machine(), listener_for(0), stop);
  const auto not_run = [&](const Environment& here, const std::string& why) {
    return gpu_not_run(here, request.options.sessions, why);
  };
  return tell_or_why_not(report, not_run, "Millrace: a GPU without its encoders", request.json, request.html);
}

int run(const OverheadRequest& request, const StopFlag& stop) {
  return tell(run_overhead_bench(request.options, listener_for(request.options.rounds), stop),
              "Millrace: a job and its codecs alone", request.json, request.html);
}

int run(const CoresRequest& request, const StopFlag& stop) {
  return tell(run_cores_bench(request.options, listener_for(request.options.rounds), stop),
              "Millrace: a ladder on so many cores", request.json, request.html);
}

int run(const CompareRequest& request, const StopFlag&) {
  const Result<std::string> text = compare_files(request.a, request.b);
  if (!text.ok()) return failed(text.status());
  fmt::print("{}", *text);
  return 0;
}

int run(const ResumeRequest& request, const StopFlag& stop) {
  return tell(run_resume_bench(request.options, listener_for(0), stop), "Millrace: jobs and kills",
              request.json, request.html);
}

}  // namespace

int run_bench(int argc, char** argv) {
  const Parsed parsed = parse_command_line(std::vector<std::string>(argv + 1, argv + argc), defaults_here());
  if (const auto* refusal = std::get_if<Status>(&parsed)) return failed(*refusal);
  if (const auto* text = std::get_if<std::string>(&parsed)) {
    fmt::print("{}", *text);
    return 0;
  }
  StopFlag stop;
  const StopOnSignals on_signals(stop);
  if (const auto* cores = std::get_if<CoresRequest>(&parsed)) return run(*cores, stop);
  if (const auto* thumbnails = std::get_if<ThumbnailsRequest>(&parsed)) return run(*thumbnails, stop);
  if (const auto* store = std::get_if<StoreRequest>(&parsed)) return run(*store, stop);
  if (const auto* resume = std::get_if<ResumeRequest>(&parsed)) return run(*resume, stop);
  if (const auto* soak = std::get_if<SoakRequest>(&parsed)) return run(*soak, stop);
  if (const auto* capacity = std::get_if<CapacityRequest>(&parsed)) return run(*capacity, stop);
  if (const auto* kernels = std::get_if<KernelsRequest>(&parsed)) return run(*kernels, stop);
  if (const auto* gpu = std::get_if<GpuRequest>(&parsed)) return run(*gpu, stop);
  if (const auto* overhead = std::get_if<OverheadRequest>(&parsed)) return run(*overhead, stop);
  if (const auto* compare = std::get_if<CompareRequest>(&parsed)) return run(*compare, stop);
  return run(std::get<LadderRequest>(parsed), stop);
}

}  // namespace millrace::bench
