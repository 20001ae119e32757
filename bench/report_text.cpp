#include "bench/report_text.h"

#include <fmt/format.h>

#include <vector>

namespace millrace::bench {
namespace {

std::string spread_text(const Spread& spread, double unit, int decimals) {
  return fmt::format("{:.{}f} ({:.{}f}..{:.{}f})", spread.median * unit, decimals, spread.least * unit,
                     decimals, spread.most * unit, decimals);
}

std::string way_line(const WayFigures& way) {
  const auto peak = way.peak_bytes();
  return fmt::format("{:<32}{:>22}{:>24}{:>22}\n", way.name, spread_text(way.wall_seconds(), 1, 2),
                     spread_text(way.cpu_seconds(), 1, 2),
                     peak ? spread_text(*peak, 1e-6, 0) : "not measured");
}

std::string rendition_line(const std::string& name, const std::string& way, const RenditionQuality& figures) {
  return fmt::format("{:<8}{:<20}{:>10.0f}{:>10.5f}{:>10.5f}{:>9.2f}{:>9.2f}{:>8}\n", name, way,
                     figures.bits_per_second / 1000, figures.quality.ssim, figures.quality.ssim_luma,
                     figures.quality.psnr, figures.quality.psnr_luma, figures.quality.frames);
}

std::string latency_text(const LadderReport& report) {
  if (!report.latency) return fmt::format("Latency: not measured ({})\n", report.latency_absence);
  std::string text = "Latency, millrace serve on loopback, one job at a time\n";
  for (const FirstSegment& first : report.latency->first_segments)
    text += fmt::format("{:<8}can be watched after {:.2f} s\n", first.rendition, first.seconds);
  const std::vector<double>& times = report.latency->submission_milliseconds;
  text += fmt::format("POST /v1/jobs while the job encodes, over one kept connection: {} ms, median of {}\n",
                      spread_text(spread_of(times), 1, 1), times.size());
  if (!report.latency->note.empty()) text += "note: " + report.latency->note + "\n";
  return text;
}

}  // namespace

std::string environment_text(const Environment& environment, int rounds) {
  // What does not belong to a measurement is empty.
  const auto line = [](std::string_view name, std::string_view value) {
    return value.empty() ? std::string() : fmt::format("{:<11}{}\n", name, value);
  };
  std::string text = line("date", environment.date);
  text += line("system", fmt::format("{}, kernel {}", environment.system, environment.kernel));
  text += line("cpu", fmt::format("{}, {} cores usable, {:.4g} cores of CPU time granted", environment.cpu,
                                  environment.usable_cores, environment.core_budget));
  text += line("memory", fmt::format("{:.1f} GB", static_cast<double>(environment.memory_bytes) * 1e-9));
  text += line("load", environment.load + " (1, 5, 15 minutes, before the first run)");
  text += line("programs",
               environment.millrace_version.empty()
                   ? fmt::format("millrace-bench {}", environment.bench_version)
                   : fmt::format("{} (bench {})", environment.millrace_version, environment.bench_version));
  text += line("", environment.ffmpeg_version);
  for (const LibraryFact& fact : environment.libraries) {
    const std::string value =
        fact.millrace == fact.ffmpeg
            ? fact.millrace + " (both)"
            : fmt::format("millrace {}, ffmpeg {}", fact.millrace.empty() ? "none" : fact.millrace,
                          fact.ffmpeg.empty() ? "none" : fact.ffmpeg);
    text += line(&fact == &environment.libraries.front() ? "libraries" : "", value);
  }
  text += line("source", environment.source_path);
  text += line("", environment.source_text);
  if (!environment.source_sha256.empty())
    text += line("", fmt::format("{} bytes, sha256 {}", environment.source_bytes, environment.source_sha256));
  text += line("workload", environment.workload);
  if (rounds > 0)
    text += line("rounds",
                 fmt::format("{}, the ways in turn in each; no warm-up but reading the source once", rounds));
  return text;
}

std::string ways_text(std::span<const WayFigures* const> ways, int rounds) {
  std::string text = fmt::format("Median (least..most) of {} rounds\n{:<32}{:>22}{:>24}{:>22}\n", rounds, "",
                                 "wall s", "CPU s", "peak MB");
  for (const WayFigures* way : ways) text += way_line(*way);
  return text +
         "CPU: user and system of every process. Peak: sampled PSS of all processes together, MB of 10^6 "
         "bytes.\n";
}

std::string targets_text(std::span<const Target> targets) {
  std::string text = "Targets\n";
  for (const Target& target : targets) {
    text += fmt::format("{:<13} {}: {} (target: {})\n", name_of(target.verdict), target.what,
                        target.measured.empty() ? "no figure" : target.measured, target.limit);
  }
  return text;
}

std::string commands_text(std::span<const WayFigures* const> ways) {
  std::string text = "Commands; OUT is a new folder each time\n";
  for (const WayFigures* way : ways) {
    text += way->name + ":\n";
    for (const std::string& command : way->commands) text += "  " + command + "\n";
  }
  return text;
}

std::string figures_text(const LadderReport& report) {
  const std::vector<const WayFigures*> ways = {&report.millrace, &report.one_command, &report.per_rendition};
  std::string text = ways_text(ways, report.rounds);
  text += fmt::format("\n{:<8}{:<20}{:>10}{:>10}{:>10}{:>9}{:>9}{:>8}\n", "", "", "kbit/s", "SSIM", "SSIM y",
                      "PSNR", "PSNR y", "frames");
  for (const RenditionFigures& rendition : report.renditions) {
    text += rendition_line(rendition.rung.name, report.millrace.name, rendition.millrace);
    text += rendition_line("", report.one_command.name, rendition.ffmpeg);
  }
  text +=
      "Of the first round, against the source scaled with ffmpeg's bicubic; bits of the media segments.\n\n";
  return text + latency_text(report) + "\n" + targets_text(report.targets) + "\n" + commands_text(ways);
}

std::string run_text(const RunFigures& run) {
  return fmt::format("{:.2f} s wall, {:.2f} s CPU, {}", run.wall_seconds, run.cpu_seconds,
                     run.peak_bytes
                         ? fmt::format("{:.0f} MB peak", static_cast<double>(*run.peak_bytes) * 1e-6)
                         : "memory not measured");
}

}  // namespace millrace::bench
