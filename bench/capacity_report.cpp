#include "bench/capacity_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "bench/report_json.h"
#include "bench/report_text.h"

namespace millrace::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kUsedUp = 0.9;      // of cores or memory
constexpr double kStalled = 0.2;     // of the time
constexpr double kDisturbing = 0.1;  // of a core, by others
constexpr double kPredictedWithin = 0.1;

std::string limit_of(const CapacityReport& report) {
  if (const CapacityRound* beyond = report.beyond()) return binding_limit(*beyond, report.environment);
  return "nothing that was tried";
}

std::string number_or(const std::optional<double>& value, double unit, const char* format,
                      const char* absent) {
  return value ? fmt::format(fmt::runtime(format), *value * unit) : absent;
}

std::string round_line(const CapacityRound& round) {
  const LoadSample means = means_of(round);
  std::string text =
      fmt::format("{:>7}  {:<6}{:>6.2f} {:>6.2f} {:>6.2f}{:>9.3f}{:>9.2f} {:>6.2f}{:>9.0f}{:>8}{:>8}{:>8}\n",
                  round.streams, round.verdict.holds ? "holds" : "fails", round.verdict.lateness.median,
                  round.verdict.lateness.p99, round.verdict.lateness.most, round.verdict.least_pace,
                  means.own_cores, means.other_cores, static_cast<double>(means.memory_bytes) * 1e-6,
                  number_or(means.megahertz, 1, "{:.0f}", "-"), number_or(means.watts, 1, "{:.1f}", "-"),
                  number_or(means.disk_stalls, 100, "{:.0f} %", "-"));
  if (round.cut_short) text += fmt::format("         cut short after {:.0f} s\n", round.seconds);
  for (const std::string& reason : round.verdict.reasons) text += "         " + reason + "\n";
  return text;
}

std::string method_text(const CapacityReport& report) {
  return fmt::format(
      "Method: each stream is a job whose pictures are read no faster than they play, planned for its share "
      "of the "
      "cores, made by workers of its own, every segment and the receipt checked. Streams begin evenly over "
      "one "
      "segment. What ends within {:.4g} s is not counted, the next {:.4g} s are. A segment is late by the "
      "time from "
      "its last picture until it is booked, less what that takes with one stream alone. A number of streams "
      "holds "
      "when all end well, none falls behind by a tenth of a segment and 99 of 100 segments come less than "
      "half a "
      "segment late. The number is searched: one, what that one's cost lets expect, then steps and halves. A "
      "round "
      "that cannot hold any more is cut short.\n",
      report.warm_up, report.seconds);
}

Json number_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json sample_json(const LoadSample& sample) {
  return {{"seconds", sample.seconds},
          {"streams", sample.streams},
          {"own_cores", sample.own_cores},
          {"other_cores", sample.other_cores},
          {"memory_bytes", sample.memory_bytes},
          {"megahertz", number_or_null(sample.megahertz)},
          {"watts", number_or_null(sample.watts)},
          {"disk_stalls", number_or_null(sample.disk_stalls)}};
}

Json stream_json(const StreamTimes& stream) {
  Json segments = Json::array();
  for (const TimedSegment& each : stream.segments)
    segments.push_back(
        {{"track", each.track}, {"media_end_seconds", each.media_end}, {"finished_seconds", each.finished}});
  return {{"failure", stream.failure.empty() ? Json() : Json(stream.failure)}, {"segments", segments}};
}

Json round_json(const CapacityRound& round) {
  Json streams = Json::array(), samples = Json::array(), others = Json::array();
  for (const StreamTimes& each : round.times) streams.push_back(stream_json(each));
  for (const LoadSample& each : round.samples) samples.push_back(sample_json(each));
  for (const OtherProcess& each : round.others)
    others.push_back({{"name", each.name}, {"cores", each.cores}});
  const Times& lateness = round.verdict.lateness;
  return {{"streams", round.streams},
          {"holds", round.verdict.holds},
          {"reasons", round.verdict.reasons},
          {"cores_each", round.cores_each},
          {"begin_seconds", round.begin},
          {"wall_seconds", round.seconds},
          {"cut_short", round.cut_short},
          {"lateness_seconds",
           {{"count", lateness.count},
            {"median", lateness.median},
            {"p99", lateness.p99},
            {"most", lateness.most}}},
          {"least_pace", round.verdict.least_pace},
          {"means", sample_json(means_of(round))},
          {"others", others},
          {"each_stream", streams},
          {"samples", samples}};
}

// One flat object: what two reports are compared by.
Json summary_json(const CapacityReport& report) {
  Json summary = {{"streams", report.streams},
                  {"recommended_streams", report.recommended()},
                  {"streams_per_core", report.streams_per_core()},
                  {"streams_per_watt", number_or_null(report.streams_per_watt())}};
  const CapacityRound* round = report.at_capacity();
  if (round == nullptr) return summary;
  const LoadSample means = means_of(*round);
  summary["lateness_p99_seconds"] = round->verdict.lateness.p99;
  summary["cores_a_stream"] = means.own_cores / round->streams;
  summary["memory_bytes_a_stream"] = static_cast<double>(means.memory_bytes) / round->streams;
  summary["watts"] = number_or_null(means.watts);
  return summary;
}

// Others took a part in what the capacity was found by.
bool is_disturbed(const CapacityReport& report) {
  for (const CapacityRound* round : {report.at_capacity(), report.beyond()})
    if (round != nullptr && means_of(*round).other_cores >= kDisturbing) return true;
  return false;
}

// Streams are few where cores are: what each takes tells finer how near a prediction came.
Target cores_target(const CapacityReport& report, const CapacityPrediction& prediction) {
  Target target;
  target.what = "predicted cores of a stream, " + prediction.from;
  target.limit = fmt::format("within {:.0f} %", kPredictedWithin * 100);
  const CapacityRound* round = report.at_capacity();
  if (round == nullptr) return target;
  const double measured = means_of(*round).own_cores / round->streams;
  target.measured = fmt::format("{:.3f} predicted, {:.3f} measured with {}", *prediction.cores_each, measured,
                                streams_text(round->streams));
  target.verdict = std::abs(*prediction.cores_each - measured) <= kPredictedWithin * measured
                       ? Verdict::met
                       : Verdict::not_met;
  return target;
}

}  // namespace

LoadSample means_of(const CapacityRound& round) {
  int most = 0;
  for (const LoadSample& each : round.samples) most = std::max(most, each.streams);
  LoadSample sum;
  sum.streams = most;
  double count = 0;
  std::optional<double> megahertz, watts, stalls;
  const auto add = [](std::optional<double>& to, const std::optional<double>& value) {
    if (value) to = to.value_or(0) + *value;
  };
  for (const LoadSample& each : round.samples) {
    if (each.streams < most) continue;
    ++count;
    sum.own_cores += each.own_cores;
    sum.other_cores += each.other_cores;
    sum.memory_bytes = std::max(sum.memory_bytes, each.memory_bytes);
    add(megahertz, each.megahertz);
    add(watts, each.watts);
    add(stalls, each.disk_stalls);
  }
  if (count == 0) return sum;
  sum.own_cores /= count;
  sum.other_cores /= count;
  const auto mean = [&](const std::optional<double>& total) {
    return total ? std::optional<double>(*total / count) : std::nullopt;
  };
  sum.megahertz = mean(megahertz);
  sum.watts = mean(watts);
  sum.disk_stalls = mean(stalls);
  return sum;
}

const CapacityRound* CapacityReport::at_capacity() const {
  for (const CapacityRound& each : rounds)
    if (each.streams == streams && each.verdict.holds) return &each;
  return nullptr;
}

const CapacityRound* CapacityReport::beyond() const {
  for (const CapacityRound& each : rounds)
    if (fails && each.streams == *fails && !each.verdict.holds) return &each;
  return nullptr;
}

double CapacityReport::streams_per_core() const {
  return environment.core_budget > 0 ? streams / environment.core_budget : 0;
}

std::optional<double> CapacityReport::streams_per_watt() const {
  const CapacityRound* round = at_capacity();
  const std::optional<double> watts = round == nullptr ? std::nullopt : means_of(*round).watts;
  if (!watts || *watts <= 0) return std::nullopt;
  return streams / *watts;
}

std::string streams_text(int count) { return fmt::format("{} stream{}", count, count == 1 ? "" : "s"); }

std::string binding_limit(const CapacityRound& failed, const Environment& environment) {
  const LoadSample means = means_of(failed);
  const auto memory = static_cast<double>(environment.memory_bytes);
  if (static_cast<double>(means.memory_bytes) >= kUsedUp * memory && memory > 0) return "memory";
  if (means.own_cores + means.other_cores >= kUsedUp * environment.core_budget)
    return means.other_cores >= kDisturbing ? "cores, some of which others used" : "cores";
  if (means.disk_stalls.value_or(0) >= kStalled) return "the disk";
  return fmt::format("nothing that was measured: {:.2f} of {:.4g} cores were used", means.own_cores,
                     environment.core_budget);
}

std::string capacity_sentence(const CapacityReport& report) {
  if (!report.fails) return fmt::format("Capacity: at least {} at real time", streams_text(report.streams));
  return fmt::format("Capacity: {} at real time; limited by {}", streams_text(report.streams),
                     limit_of(report));
}

std::vector<std::string> marks_of(const CapacityReport& report) {
  std::vector<std::string> marks;
  if (!report.calibration_note.empty()) marks.push_back(report.calibration_note);
  if (report.other_cores_before >= kDisturbing)
    marks.push_back(
        fmt::format("disturbed: before the first round others used {:.2f} cores", report.other_cores_before));
  for (const CapacityRound& round : report.rounds) {
    const double cores = means_of(round).other_cores;
    if (cores < kDisturbing) continue;
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(round.others.size(), 3); ++i)
      names +=
          fmt::format("{}{} {:.2f}", names.empty() ? "" : ", ", round.others[i].name, round.others[i].cores);
    marks.push_back(fmt::format("disturbed: while {} ran, others used {:.2f} cores ({})",
                                streams_text(round.streams), cores,
                                names.empty() ? "none that can be named" : names));
  }
  if (report.interrupted) marks.emplace_back("interrupted: the capacity is what was known by then");
  return marks;
}

std::vector<Target> judge(const CapacityReport& report) {
  std::vector<Target> targets;
  for (const CapacityPrediction& each : report.predictions) {
    Target target{
        "predicted capacity, " + each.from, fmt::format("within {:.0f} %", kPredictedWithin * 100), {}, {}};
    target.measured = fmt::format("{} predicted ({}), {} measured", each.streams, each.limit, report.streams);
    target.verdict = std::abs(each.streams - report.streams) <= kPredictedWithin * report.streams
                         ? Verdict::met
                         : Verdict::not_met;
    if (!report.fails || report.interrupted || is_disturbed(report)) target.verdict = Verdict::not_measured;
    targets.push_back(std::move(target));
    if (each.cores_each) targets.push_back(cores_target(report, each));
  }
  if (const CapacityRound* round = report.at_capacity()) {
    const double late_from = report.segment_seconds / 2;
    const double most = round->verdict.lateness.most;
    targets.push_back(
        {fmt::format("late segments with {} for {:.4g} s", streams_text(report.streams), report.seconds), "0",
         fmt::format("the latest came {:.2f} s late, late is {:.2f} s", most, late_from),
         most < late_from ? Verdict::met : Verdict::not_met});
  }
  return targets;
}

std::string figures_text(const CapacityReport& report) {
  std::string text = fmt::format("Profile {}\n", report.profile);
  text += capacity_sentence(report) + "\n";
  text += fmt::format("Recommended, with 20 % headroom: {}\n", report.recommended());
  text += fmt::format(
      "Streams a core: {:.2f}; a watt: {}\n", report.streams_per_core(),
      number_or(report.streams_per_watt(), 1, "{:.3f}", "not measured, this machine tells no power"));
  text += fmt::format("Each stream: {}\n", report.devices);
  for (const CapacityPrediction& each : report.predictions)
    text +=
        fmt::format("Predicted: {}, limited by {} ({}{})\n", streams_text(each.streams), each.limit,
                    each.from, each.cores_each ? fmt::format(", {:.3f} cores each", *each.cores_each) : "");
  for (const auto& [track, delay] : report.usual)
    text += fmt::format("{}: booked {:.2f} s after its last picture with one stream alone\n", track, delay);
  text += fmt::format("\n{:>7}  {:<6}{:^21}{:>8}{:>16}{:>9}{:>8}{:>8}{:>8}\n", "streams", "",
                      "late p50, p99, most s", "pace", "cores, others", "MB", "MHz", "watts", "disk");
  for (const CapacityRound& round : report.rounds) text += round_line(round);
  for (const std::string& mark : report.marks) text += mark + "\n";
  return text + "\n" + targets_text(report.targets) + "\n" + method_text(report);
}

Json to_json(const CapacityReport& report) {
  Json rounds = Json::array(), predictions = Json::array(), usual = Json::object();
  for (const CapacityRound& each : report.rounds) rounds.push_back(round_json(each));
  for (const CapacityPrediction& each : report.predictions)
    predictions.push_back({{"streams", each.streams},
                           {"limit", each.limit},
                           {"from", each.from},
                           {"cores_each", number_or_null(each.cores_each)}});
  for (const auto& [track, delay] : report.usual) usual[track] = delay;
  return {{"kind", "capacity"},
          {"version", 1},
          {"summary", summary_json(report)},
          {"environment", environment_json(report.environment)},
          {"profile", report.profile},
          {"spec", report.spec.empty() ? Json() : Json::parse(report.spec, nullptr, false)},
          {"devices", report.devices},
          {"seconds", report.seconds},
          {"warm_up_seconds", report.warm_up},
          {"segment_seconds", report.segment_seconds},
          {"streams", report.streams},
          {"fails_at", report.fails ? Json(*report.fails) : Json()},
          {"limit", limit_of(report)},
          {"interrupted", report.interrupted},
          {"predictions", predictions},
          {"usual_delay_seconds", usual},
          {"marks", report.marks},
          {"targets", targets_json(report.targets)},
          {"method", method_text(report)},
          {"rounds", rounds}};
}

}  // namespace millrace::bench
