#include "bench/report_html.h"

#include <fmt/format.h>

#include "bench/report_text.h"
#include "bench/svg_bars.h"

namespace millrace::bench {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
)";
constexpr std::string_view kStyle = R"(<style>
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5b6675; --page: #fff; --line: #d9dfe6; --ours: #1769aa;
  --theirs: #a9b4c0; --good: #1a7f37; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebf1; --dim: #9aa7b5; --page: #12171e; --line: #2c3642; --ours: #4aa3e8; --theirs: #5a6775;
    --good: #4ac26b; --bad: #f47067; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; }
p, figcaption { color: var(--dim); margin: .3rem 0; }
figure { margin: 1rem 0; } svg { width: 100%; height: auto; max-width: 46rem; }
svg text { font: 13px system-ui, sans-serif; fill: var(--ink); } svg .value { fill: var(--dim); }
.ours { fill: var(--ours); } .theirs { fill: var(--theirs); }
.range { stroke: var(--ink); stroke-width: 1.5; fill: none; }
.limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3; }
.axis { stroke: var(--dim); fill: none; } .line { stroke-width: 1.5; fill: none; }
.line.ours { stroke: var(--ours); } .line.theirs { stroke: var(--theirs); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--dim); font-weight: 600; } td.n, th.n { text-align: right; white-space: nowrap; }
.met { color: var(--good); font-weight: 600; white-space: nowrap; }
.not-met { color: var(--bad); font-weight: 600; white-space: nowrap; } .not-measured { color: var(--dim); white-space: nowrap; }
pre { background: color-mix(in srgb, var(--theirs) 18%, transparent); padding: .8rem; white-space: pre-wrap;
  overflow-wrap: anywhere; font: 12px/1.45 ui-monospace, monospace; border-radius: 4px; }
</style>
</head>
<body>
)";

std::string head(std::string_view title) {
  return fmt::format("{}<title>{}</title>\n{}", kHead, html_escaped(title), kStyle);
}

std::string figure(const std::string& caption, const BarChart& chart) {
  return fmt::format("<figure><figcaption>{}</figcaption>\n{}</figure>\n", html_escaped(caption),
                     svg_of(chart));
}

std::string targets_table(const std::vector<Target>& targets) {
  std::string text = "<table><tr><th>Target</th><th>Limit</th><th>Measured</th><th>Verdict</th></tr>\n";
  for (const Target& target : targets) {
    std::string kind(name_of(target.verdict));
    for (char& letter : kind)
      if (letter == ' ') letter = '-';
    text += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>\n",
                        html_escaped(target.what), html_escaped(target.limit), html_escaped(target.measured),
                        kind, name_of(target.verdict));
  }
  return text + "</table>\n";
}

std::string way_charts(const LadderReport& report) {
  BarChart wall{"wall seconds", {}, {}};
  BarChart cpu{"CPU seconds", {}, {}};
  BarChart peak{"peak memory", {}, 700};
  for (const WayFigures* way : {&report.millrace, &report.one_command, &report.per_rendition}) {
    const bool ours = way == &report.millrace;
    const Spread seconds = way->wall_seconds();
    wall.bars.push_back({way->name, seconds, fmt::format("{:.1f} s", seconds.median), ours});
    const Spread work = way->cpu_seconds();
    cpu.bars.push_back({way->name, work, fmt::format("{:.1f} s", work.median), ours});
    if (const auto bytes = way->peak_bytes()) {
      const Spread megabytes{bytes->least * 1e-6, bytes->median * 1e-6, bytes->most * 1e-6};
      peak.bars.push_back({way->name, megabytes, fmt::format("{:.0f} MB", megabytes.median), ours});
    }
  }
  std::string text = figure("Wall time", wall) + figure("CPU time, user and system, every process", cpu);
  if (!peak.bars.empty())
    text += figure("Peak memory: sampled PSS of all processes together; dashed: the target of 700 MB", peak);
  return text;
}

std::string rendition_row(const std::string& name, const std::string& way, const RenditionQuality& figures) {
  return fmt::format(
      "<tr><td>{}</td><td>{}</td><td class=\"n\">{:.0f}</td><td class=\"n\">{:.5f}</td><td "
      "class=\"n\">{:.5f}</td>"
      "<td class=\"n\">{:.2f}</td><td class=\"n\">{:.2f}</td><td class=\"n\">{}</td></tr>\n",
      html_escaped(name), html_escaped(way), figures.bits_per_second / 1000, figures.quality.ssim,
      figures.quality.ssim_luma, figures.quality.psnr, figures.quality.psnr_luma, figures.quality.frames);
}

std::string renditions_table(const LadderReport& report) {
  std::string text =
      "<div class=\"wide\"><table><tr><th>Rendition</th><th>Way</th><th class=\"n\">kbit/s</th><th "
      "class=\"n\">SSIM</th>"
      "<th class=\"n\">SSIM y</th><th class=\"n\">PSNR dB</th><th class=\"n\">PSNR y</th><th "
      "class=\"n\">frames</th></tr>\n";
  for (const RenditionFigures& rendition : report.renditions) {
    text += rendition_row(rendition.rung.name, report.millrace.name, rendition.millrace);
    text += rendition_row("", report.one_command.name, rendition.ffmpeg);
  }
  return text +
         "</table></div>\n<p>Of the first round, against the source scaled with ffmpeg's bicubic; bits of "
         "the media "
         "segments.</p>\n";
}

std::string latency_part(const LadderReport& report) {
  if (!report.latency) return fmt::format("<p>Not measured: {}</p>\n", html_escaped(report.latency_absence));
  BarChart first{"seconds until each rendition can be watched", {}, {}};
  for (const FirstSegment& segment : report.latency->first_segments) {
    first.bars.push_back({segment.rendition,
                          {segment.seconds, segment.seconds, segment.seconds},
                          fmt::format("{:.2f} s", segment.seconds),
                          true});
  }
  std::string text =
      figure("From POST /v1/jobs until playlist, init and first segment were read over HTTP", first);
  const std::vector<double>& times = report.latency->submission_milliseconds;
  const Spread spread = spread_of(times);
  text += fmt::format(
      "<p>POST /v1/jobs while the job encodes, over one kept connection: median {:.1f} ms of {} ({:.1f} to "
      "{:.1f} ms).</p>\n",
      spread.median, times.size(), spread.least, spread.most);
  if (!report.latency->note.empty()) text += fmt::format("<p>{}</p>\n", html_escaped(report.latency->note));
  return text;
}

std::string commands_part(const LadderReport& report) {
  std::string text = "<p>OUT is a new folder each time.</p>\n";
  for (const WayFigures* way : {&report.millrace, &report.one_command, &report.per_rendition}) {
    text += fmt::format("<h3>{}</h3>\n<pre>", html_escaped(way->name));
    for (const std::string& command : way->commands) text += html_escaped(command) + "\n";
    text += "</pre>\n";
  }
  return text;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

std::string html_page(const PlainPage& plain) {
  std::string page = head(plain.title);
  page += fmt::format("<h1>{}</h1>\n", html_escaped(plain.title));
  for (const std::string& sentence : plain.lead) page += fmt::format("<p>{}</p>\n", html_escaped(sentence));
  page += "<h2>Targets</h2>\n" + targets_table(plain.targets);
  page += plain.charts;
  page += "<h2>Figures</h2>\n<pre>" + html_escaped(plain.figures) + "</pre>\n";
  page += "<h2>Environment</h2>\n<pre>" + html_escaped(plain.environment) + "</pre>\n";
  return page + "</body>\n</html>\n";
}

std::string html_page(const LadderReport& report) {
  std::string page = head("Millrace: a ladder against ffmpeg");
  page += fmt::format("<h1>A ladder: Millrace against ffmpeg</h1>\n<p>{}. {}; {}; {} cores usable.</p>\n",
                      html_escaped(report.environment.workload), html_escaped(report.environment.date),
                      html_escaped(report.environment.cpu), report.environment.usable_cores);
  page += "<h2>Targets</h2>\n" + targets_table(report.targets);
  page +=
      fmt::format("<h2>Cost</h2>\n<p>Bars: median of {} rounds; lines: least to most.</p>\n", report.rounds);
  page += way_charts(report);
  page += "<h2>Picture</h2>\n" + renditions_table(report);
  page += "<h2>Latency, served</h2>\n" + latency_part(report);
  page += "<h2>Environment</h2>\n<pre>" + html_escaped(environment_text(report.environment, report.rounds)) +
          "</pre>\n";
  page += "<h2>Commands</h2>\n" + commands_part(report);
  return page + "</body>\n</html>\n";
}

}  // namespace millrace::bench
