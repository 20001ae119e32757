#include "bench/ladder_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace millrace::bench {
namespace {

constexpr double kLeastOfOneCommand = 1.2;
constexpr double kLeastOfAProcessARendition = 1.6;
constexpr double kMostBitsMore = 0.01;
constexpr double kMostBitsLess = 0.05;
constexpr double kMostPeakBytes = 700e6;
constexpr double kMostFirstSmallSeconds = 1.5;
constexpr double kMostFirstAllSeconds = 5;
constexpr double kMostSubmitMilliseconds = 20;
constexpr std::size_t kFewestSubmissions = 100;

template <class Figure>
Spread spread_over(const std::vector<RunFigures>& runs, Figure figure) {
  std::vector<double> values;
  for (const RunFigures& run : runs) values.push_back(figure(run));
  return spread_of(std::move(values));
}

Verdict verdict(bool met) { return met ? Verdict::met : Verdict::not_met; }

Target unmeasured(std::string what, std::string limit) {
  return {std::move(what), std::move(limit), "", Verdict::not_measured};
}

Target throughput(const LadderReport& report, const WayFigures& other, const char* name, double least) {
  Target target =
      unmeasured(fmt::format("throughput, against {}", name), fmt::format("at least {:.1f} x", least));
  if (report.millrace.runs.empty() || other.runs.empty()) return target;
  const double ours = report.millrace.wall_seconds().median;
  const double theirs = other.wall_seconds().median;
  target.measured = fmt::format("{:.3f} x ({:.1f} s / {:.1f} s, medians)", theirs / ours, theirs, ours);
  target.verdict = verdict(theirs >= least * ours);
  return target;
}

// The rendition where `worse` is largest.
template <class Worse>
const RenditionFigures& worst(const std::vector<RenditionFigures>& renditions, Worse worse) {
  return *std::max_element(renditions.begin(), renditions.end(),
                           [&](const auto& a, const auto& b) { return worse(a) < worse(b); });
}

Target ssim(const LadderReport& report) {
  Target target = unmeasured("SSIM of each rendition, against one ffmpeg command", "no lower");
  if (report.renditions.empty()) return target;
  const auto loss = [](const RenditionFigures& r) { return r.ffmpeg.quality.ssim - r.millrace.quality.ssim; };
  const RenditionFigures& most = worst(report.renditions, loss);
  target.measured = fmt::format("{:+.5f} at worst ({})", -loss(most), most.rung.name);
  target.verdict = verdict(loss(most) <= 0);
  return target;
}

Target bit_rate(const LadderReport& report) {
  Target target = unmeasured(
      "bitrate of each rendition, against one ffmpeg command",
      fmt::format("at most {:.0f} % above and {:.0f} % below", kMostBitsMore * 100, kMostBitsLess * 100));
  if (report.renditions.empty()) return target;
  const auto part = [](const RenditionFigures& r) {
    return r.millrace.bits_per_second / r.ffmpeg.bits_per_second - 1;
  };
  // As a share of what is allowed on its side.
  const auto strain = [&](const RenditionFigures& r) {
    return std::max(part(r) / kMostBitsMore, -part(r) / kMostBitsLess);
  };
  const RenditionFigures& most = worst(report.renditions, strain);
  target.measured = fmt::format("{:+.1f} % at worst ({})", part(most) * 100, most.rung.name);
  target.verdict = verdict(strain(most) <= 1);
  return target;
}

Target frames(const LadderReport& report) {
  Target target = unmeasured("frames of each rendition", "every frame of the source, once");
  if (report.renditions.empty()) return target;
  const auto lost = [](const RenditionFigures& r) {
    return std::abs(r.millrace.quality.frames - r.millrace.quality.source_frames);
  };
  const RenditionFigures& most = worst(report.renditions, lost);
  target.measured =
      fmt::format("{} of {} ({})", most.millrace.quality.frames, most.millrace.quality.source_frames,
                  lost(most) == 0 ? "every rendition" : most.rung.name);
  target.verdict = verdict(lost(most) == 0);
  return target;
}

Target peak(const LadderReport& report) {
  Target target = unmeasured("peak memory, all processes together",
                             fmt::format("at most {:.0f} MB", kMostPeakBytes * 1e-6));
  const auto bytes = report.millrace.peak_bytes();
  if (!bytes) return target;
  target.measured =
      fmt::format("{:.0f} MB at most of {} rounds", bytes->most * 1e-6, report.millrace.runs.size());
  target.verdict = verdict(bytes->most <= kMostPeakBytes);
  return target;
}

std::vector<Target> latency(const LadderReport& report) {
  Target small = unmeasured("first segment of the smallest rendition, served",
                            fmt::format("at most {} s", kMostFirstSmallSeconds));
  Target all = unmeasured("first segments of all renditions, served",
                          fmt::format("at most {} s", kMostFirstAllSeconds));
  Target submit = unmeasured(
      "POST /v1/jobs while a job encodes",
      fmt::format("median of {} or more at most {} ms", kFewestSubmissions, kMostSubmitMilliseconds));
  if (report.latency && !report.latency->first_segments.empty()) {
    const std::vector<FirstSegment>& first = report.latency->first_segments;
    small.measured = fmt::format("{:.2f} s ({})", first.back().seconds, first.back().rendition);
    small.verdict = verdict(first.back().seconds <= kMostFirstSmallSeconds);
    const auto last = std::max_element(first.begin(), first.end(),
                                       [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
    all.measured = fmt::format("{:.2f} s ({} last)", last->seconds, last->rendition);
    all.verdict = verdict(last->seconds <= kMostFirstAllSeconds);
  }
  if (report.latency && !report.latency->submission_milliseconds.empty()) {
    const std::vector<double>& times = report.latency->submission_milliseconds;
    const Spread spread = spread_of(times);
    submit.measured = fmt::format("{:.1f} ms, median of {} ({:.1f}..{:.1f})", spread.median, times.size(),
                                  spread.least, spread.most);
    if (times.size() >= kFewestSubmissions)
      submit.verdict = verdict(spread.median <= kMostSubmitMilliseconds);
  }
  return {small, all, submit};
}

}  // namespace

Spread WayFigures::wall_seconds() const {
  return spread_over(runs, [](const RunFigures& run) { return run.wall_seconds; });
}

Spread WayFigures::cpu_seconds() const {
  return spread_over(runs, [](const RunFigures& run) { return run.cpu_seconds; });
}

std::optional<Spread> WayFigures::peak_bytes() const {
  if (runs.empty() || std::any_of(runs.begin(), runs.end(), [](const auto& run) { return !run.peak_bytes; }))
    return std::nullopt;
  return spread_over(runs, [](const RunFigures& run) { return static_cast<double>(*run.peak_bytes); });
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::met:
      return "met";
    case Verdict::not_met:
      return "not met";
    case Verdict::not_measured:
      return "not measured";
  }
  return "";
}

std::vector<Target> judge(const LadderReport& report) {
  std::vector<Target> targets = {
      throughput(report, report.one_command, "one ffmpeg command", kLeastOfOneCommand),
      throughput(report, report.per_rendition, "an ffmpeg process a rendition", kLeastOfAProcessARendition),
      ssim(report),
      bit_rate(report),
      frames(report),
      peak(report)};
  for (Target& target : latency(report)) targets.push_back(std::move(target));
  return targets;
}

}  // namespace millrace::bench
