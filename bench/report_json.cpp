#include "bench/report_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace millrace::bench {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no infinity, which equal pictures have as PSNR: null.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json spread_json(const Spread& spread) {
  return {{"median", spread.median}, {"least", spread.least}, {"most", spread.most}};
}

Json quality_json(const RenditionQuality& figures) {
  return {{"bits_per_second", figures.bits_per_second},
          {"ssim", figures.quality.ssim},
          {"ssim_luma", figures.quality.ssim_luma},
          {"psnr_decibels", number(figures.quality.psnr)},
          {"psnr_luma_decibels", number(figures.quality.psnr_luma)},
          {"frames", figures.quality.frames},
          {"source_frames", figures.quality.source_frames}};
}

Json latency_json(const LadderReport& report) {
  if (!report.latency) return {{"measured", false}, {"reason", report.latency_absence}};
  Json first = Json::array();
  for (const FirstSegment& segment : report.latency->first_segments)
    first.push_back({{"rendition", segment.rendition}, {"seconds", segment.seconds}});
  return {{"measured", true},
          {"first_segments", first},
          {"submission_milliseconds",
           {{"count", report.latency->submission_milliseconds.size()},
            {"spread", spread_json(spread_of(report.latency->submission_milliseconds))},
            {"each", report.latency->submission_milliseconds}}},
          {"note", text_or_null(report.latency->note)}};
}

}  // namespace

Json environment_json(const Environment& environment) {
  Json libraries = Json::array();
  for (const LibraryFact& fact : environment.libraries) {
    libraries.push_back({{"name", fact.name},
                         {"millrace", text_or_null(fact.millrace)},
                         {"ffmpeg", text_or_null(fact.ffmpeg)}});
  }
  return {{"date", environment.date},
          {"system", environment.system},
          {"kernel", environment.kernel},
          {"cpu", environment.cpu},
          {"usable_cores", environment.usable_cores},
          {"core_budget", environment.core_budget},
          {"memory_bytes", environment.memory_bytes},
          {"load_before", environment.load},
          {"bench_version", environment.bench_version},
          {"millrace_version", environment.millrace_version},
          {"ffmpeg_version", environment.ffmpeg_version},
          {"libraries", libraries},
          {"source",
           {{"path", environment.source_path},
            {"bytes", environment.source_bytes},
            {"sha256", environment.source_sha256},
            {"description", environment.source_text}}},
          {"workload", environment.workload}};
}

Json way_json(const WayFigures& way) {
  Json runs = Json::array();
  for (const RunFigures& run : way.runs) {
    runs.push_back({{"wall_seconds", run.wall_seconds},
                    {"cpu_seconds", run.cpu_seconds},
                    {"peak_bytes", run.peak_bytes ? Json(*run.peak_bytes) : Json()},
                    {"memory_samples", run.memory_samples},
                    {"left_behind", run.left_behind}});
  }
  const auto peak = way.peak_bytes();
  return {{"name", way.name},
          {"commands", way.commands},
          {"wall_seconds", spread_json(way.wall_seconds())},
          {"cpu_seconds", spread_json(way.cpu_seconds())},
          {"peak_bytes", peak ? spread_json(*peak) : Json()},
          {"runs", runs}};
}

Json spread_json(const std::vector<double>& values) {
  return values.empty() ? Json() : spread_json(spread_of(values));
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json targets_json(std::span<const Target> targets) {
  Json list = Json::array();
  for (const Target& target : targets) {
    list.push_back({{"what", target.what},
                    {"limit", target.limit},
                    {"measured", text_or_null(target.measured)},
                    {"verdict", name_of(target.verdict)}});
  }
  return list;
}

Json to_json(const LadderReport& report) {
  Json ways = Json::array();
  for (const WayFigures* way : {&report.millrace, &report.one_command, &report.per_rendition})
    ways.push_back(way_json(*way));
  Json renditions = Json::array();
  for (const RenditionFigures& rendition : report.renditions) {
    renditions.push_back({{"name", rendition.rung.name},
                          {"width", rendition.rung.size.width},
                          {"height", rendition.rung.size.height},
                          {"target_bits_per_second", rendition.rung.bits_per_second},
                          {"millrace", quality_json(rendition.millrace)},
                          {"ffmpeg", quality_json(rendition.ffmpeg)}});
  }
  return {{"environment", environment_json(report.environment)},
          {"rounds", report.rounds},
          {"ways", ways},
          {"renditions", renditions},
          {"latency", latency_json(report)},
          {"targets", targets_json(report.targets)}};
}

}  // namespace millrace::bench
