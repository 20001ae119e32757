#include "bench/overhead_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/report_json.h"
#include "bench/report_text.h"

namespace millrace::bench {
namespace {

using Json = nlohmann::ordered_json;
using Kind = OverheadPart::Kind;

constexpr double kMostOverhead = 0.05;
constexpr const char* kMethod =
    "Method: the pictures alone, without their sound, copied into a file of their own. The job is one "
    "millrace transcode with all of its processes. Alone, one after the other in one process: the decoder, "
    "by libavformat's and libavcodec's calls; each encoder with the job's settings and threads, fed with "
    "pictures that are ready; the scaler that readied them; and what the job "
    "made, decoded again as far as each segment is before it counts. Job and parts take turns, a round each; "
    "figures are medians of CPU time.\n";

std::string line(const std::string& name, const Spread& spread) {
  return fmt::format("{:<32}{:>9.2f}  ({:.2f}..{:.2f})\n", name, spread.median, spread.least, spread.most);
}

std::string sum_line(const std::string& name, double seconds) {
  return fmt::format("{:<32}{:>9.2f}\n", name, seconds);
}

std::string share_line(const std::string& name, double seconds, double of) {
  return fmt::format("  {:<30}{:>9.2f}  {:.1f} %\n", name, seconds, seconds / of * 100);
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::decode:
      return "decode";
    case Kind::encode:
      return "encode";
    case Kind::scale:
      return "scale";
    case Kind::check:
      return "check";
  }
  return "";
}

double OverheadReport::seconds_of(Kind kind) const {
  double sum = 0;
  for (const OverheadPart& each : parts)
    if (each.kind == kind) sum += spread_of(each.cpu_seconds).median;
  return sum;
}

double OverheadReport::codec_seconds() const { return seconds_of(Kind::decode) + seconds_of(Kind::encode); }

std::optional<double> OverheadReport::overhead() const {
  if (job.runs.empty() || codec_seconds() <= 0) return std::nullopt;
  return job.cpu_seconds().median / codec_seconds() - 1;
}

double OverheadReport::rest_seconds() const {
  return job.runs.empty()
             ? 0
             : job.cpu_seconds().median - codec_seconds() - seconds_of(Kind::scale) - seconds_of(Kind::check);
}

std::vector<Target> judge(const OverheadReport& report) {
  Target target;
  target.what = "CPU time over the bare codecs";
  target.limit = fmt::format("at most {:.0f} %", kMostOverhead * 100);
  if (const std::optional<double> overhead = report.overhead()) {
    target.measured = fmt::format("{:.1f} % ({:.2f} s / {:.2f} s)", *overhead * 100,
                                  report.job.cpu_seconds().median, report.codec_seconds());
    target.verdict = *overhead <= kMostOverhead ? Verdict::met : Verdict::not_met;
  }
  return {target};
}

std::string figures_text(const OverheadReport& report) {
  std::string text = fmt::format("Profile {}, {:.1f} s of pictures\n", report.profile, report.seconds);
  text += fmt::format("CPU seconds, median (least..most) of {} rounds\n", report.rounds);
  for (const Kind kind : {Kind::decode, Kind::encode})
    for (const OverheadPart& each : report.parts)
      if (each.kind == kind)
        text += line(fmt::format("{} {}, alone", name_of(kind), each.name), spread_of(each.cpu_seconds));
  text += sum_line("the codecs alone", report.codec_seconds());
  if (const std::optional<double> overhead = report.overhead()) {
    const double codecs = report.codec_seconds();
    text += line("a job", report.job.cpu_seconds());
    text += fmt::format("Over the codecs alone: {:.1f} %, of it\n", *overhead * 100);
    text += share_line("scaling", report.seconds_of(Kind::scale), codecs);
    text += share_line("finished segments decoded again", report.seconds_of(Kind::check), codecs);
    text += share_line("all else", report.rest_seconds(), codecs);
  }
  const WayFigures* const ways[] = {&report.job};
  return text + "\n" + targets_text(report.targets) + "\n" + commands_text(ways) + "\n" + kMethod;
}

Json to_json(const OverheadReport& report) {
  Json parts = Json::array();
  for (const OverheadPart& each : report.parts)
    parts.push_back({{"kind", name_of(each.kind)}, {"name", each.name}, {"cpu_seconds", each.cpu_seconds}});
  const std::optional<double> overhead = report.overhead();
  const Json summary = {{"overhead", overhead ? Json(*overhead) : Json()},
                        {"codec_cpu_seconds", report.codec_seconds()},
                        {"scale_cpu_seconds", report.seconds_of(Kind::scale)},
                        {"check_cpu_seconds", report.seconds_of(Kind::check)},
                        {"rest_cpu_seconds", report.rest_seconds()}};
  return {{"kind", "overhead"},
          {"version", 1},
          {"summary", summary},
          {"environment", environment_json(report.environment)},
          {"profile", report.profile},
          {"spec", report.spec.empty() ? Json() : Json::parse(report.spec, nullptr, false)},
          {"seconds", report.seconds},
          {"rounds", report.rounds},
          {"job", way_json(report.job)},
          {"parts", parts},
          {"targets", targets_json(report.targets)},
          {"method", kMethod}};
}

}  // namespace millrace::bench
