#include "bench/capacity_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/compare.h"
#include "bench/svg_lines.h"
#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using engine::Code;
using nlohmann::ordered_json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

LoadSample sample_at(double seconds, int streams, double own, double others = 0.02) {
  LoadSample sample;
  sample.seconds = seconds;
  sample.streams = streams;
  sample.own_cores = own;
  sample.other_cores = others;
  sample.memory_bytes = streams * 300'000'000LL;
  sample.watts = 40;
  return sample;
}

CapacityRound round_of(int streams, bool holds, double most_late) {
  CapacityRound round;
  round.streams = streams;
  round.cores_each = 1;
  round.begin = 10.0 * streams;
  round.seconds = 70;
  round.verdict.holds = holds;
  round.verdict.lateness = {100, 0.01, most_late / 2, most_late};
  if (!holds) round.verdict.reasons = {"stream 3 fell behind by 2.00 s: 0.968 x real time"};
  round.times = {{{{"abr/720p", 4, 4.6}, {"abr/720p", 12, 12.7}}, ""}};
  const double cores = streams * 0.7;
  round.samples = {sample_at(1, 1, 0.3), sample_at(2, streams, cores), sample_at(3, streams, cores + 0.2)};
  return round;
}

CapacityReport sample() {
  CapacityReport report;
  report.environment.core_budget = 2;
  report.environment.memory_bytes = 8'000'000'000;
  report.profile = "ladder-h264-veryfast";
  report.spec = R"({"real_time": true})";
  report.devices = "decode cuda:0, filters cpu, encode cpu";
  report.usual = {{"abr/720p", 0.6}};
  report.rounds = {round_of(1, true, 0.1), round_of(2, true, 0.4), round_of(3, false, 5)};
  report.streams = 2;
  report.fails = 3;
  report.predictions = {{2, "cores", "one stream took 0.80 cores and 300 MB"},
                        {3, "cores", "calibration", 0.7}};
  report.marks = marks_of(report);
  report.targets = judge(report);
  return report;
}

TEST(CapacityReport, MeansAreOfTheTimeInWhichAllStreamsRan) {
  const LoadSample means = means_of(round_of(2, true, 0.1));
  EXPECT_EQ(means.streams, 2);
  EXPECT_NEAR(means.own_cores, 1.5, 1e-9);
  EXPECT_EQ(means.memory_bytes, 600'000'000);
  EXPECT_EQ(means.watts, 40);
  EXPECT_FALSE(means.megahertz);
}

TEST(CapacityReport, TheLimitIsWhatWasUsedUp) {
  Environment environment;
  environment.core_budget = 2;
  environment.memory_bytes = 8'000'000'000;
  CapacityRound round = round_of(3, false, 5);
  EXPECT_EQ(binding_limit(round, environment), "cores");
  for (LoadSample& each : round.samples) each.other_cores = 0.5;
  EXPECT_THAT(binding_limit(round, environment), HasSubstr("others used"));
  environment.core_budget = 16;
  EXPECT_THAT(binding_limit(round, environment), HasSubstr("2.20 of 16 cores were used"));
  for (LoadSample& each : round.samples) each.disk_stalls = 0.4;
  EXPECT_EQ(binding_limit(round, environment), "the disk");
  environment.memory_bytes = 900'000'000;
  EXPECT_EQ(binding_limit(round, environment), "memory");
}

TEST(CapacityReport, APredictionIsHeldAgainstTheResult) {
  const CapacityReport report = sample();
  ASSERT_EQ(report.targets.size(), 4U);
  EXPECT_EQ(report.targets[0].verdict, Verdict::met);
  EXPECT_EQ(report.targets[1].verdict, Verdict::not_met) << "3 for 2";
  EXPECT_EQ(report.targets[1].measured, "3 predicted (cores), 2 measured");
  EXPECT_EQ(report.targets[2].verdict, Verdict::met) << "0.70 for 0.75";
  EXPECT_EQ(report.targets[2].measured, "0.700 predicted, 0.750 measured with 2 streams");
  EXPECT_EQ(report.targets[3].verdict, Verdict::met) << "0.4 s is not late";
  CapacityReport other = sample();
  other.rounds[1].verdict.lateness.most = 2;
  other.predictions[1].cores_each = 0.67;
  EXPECT_EQ(judge(other)[2].verdict, Verdict::not_met);
  EXPECT_EQ(judge(other)[3].verdict, Verdict::not_met);
  for (LoadSample& each : other.rounds[2].samples) each.other_cores = 0.3;
  EXPECT_EQ(judge(other)[0].verdict, Verdict::not_measured) << "others took a part";
  other.streams = 0;
  EXPECT_EQ(judge(other)[2].verdict, Verdict::not_measured) << "not even one held";
}

TEST(CapacityReport, OtherLoadIsNamedAndMarksTheResult) {
  CapacityReport report = sample();
  EXPECT_TRUE(report.marks.empty());
  for (LoadSample& each : report.rounds[1].samples) each.other_cores = 0.7;
  report.rounds[1].others = {{"cc1plus", 0.5}};
  report.other_cores_before = 0.3;
  const std::vector<std::string> marks = marks_of(report);
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_THAT(marks[0], HasSubstr("before the first round others used 0.30 cores"));
  EXPECT_THAT(marks[1], HasSubstr("while 2 streams ran, others used 0.70 cores (cc1plus 0.50)"));
  report = sample();
  report.calibration_note = "c.json is not used: it is of another machine (EPYC, 8 cores)";
  EXPECT_THAT(marks_of(report), ::testing::ElementsAre(report.calibration_note));
}

TEST(CapacityReport, IsToldInWordsAsJsonAndAsPlots) {
  const CapacityReport report = sample();
  EXPECT_EQ(report.recommended(), 1);
  EXPECT_THAT(
      figures_text(report),
      AllOf(HasSubstr("Capacity: 2 streams at real time; limited by cores"), HasSubstr("headroom: 1"),
            HasSubstr("Streams a core: 1.00; a watt: 0.050"), HasSubstr("stream 3 fell behind by 2.00 s"),
            HasSubstr("Predicted: 3 streams, limited by cores (calibration, 0.700 cores each)"),
            HasSubstr("Each stream: decode cuda:0"), HasSubstr("Method: ")));
  const ordered_json json = to_json(report);
  EXPECT_EQ(json["devices"], report.devices);
  EXPECT_EQ(json["kind"], "capacity");
  EXPECT_EQ(json["summary"]["streams"], 2);
  EXPECT_EQ(json["fails_at"], 3);
  EXPECT_EQ(json["rounds"].size(), 3U);
  EXPECT_EQ(json["rounds"][0]["each_stream"][0]["segments"][1]["finished_seconds"], 12.7);
  EXPECT_TRUE(json["rounds"][0]["samples"][0]["megahertz"].is_null());
  EXPECT_EQ(json["spec"]["real_time"], true);
  const std::string html = charts_html(report);
  EXPECT_THAT(html, AllOf(HasSubstr("Lateness of every segment with 2 streams: holds"),
                          HasSubstr("with 3 streams: does not hold"), HasSubstr("Power of"),
                          Not(HasSubstr("Clock of")), HasSubstr("class=\"limit\"")));
}

TEST(CapacityReport, AnInterruptedOneSaysWhatWasKnown) {
  CapacityReport report = sample();
  report.rounds.pop_back();
  report.fails.reset();
  report.interrupted = true;
  EXPECT_THAT(figures_text(report), HasSubstr("Capacity: at least 2 streams"));
  EXPECT_THAT(marks_of(report).back(), HasSubstr("interrupted"));
  EXPECT_EQ(judge(report)[0].verdict, Verdict::not_measured);
  CapacityReport nothing;
  nothing.interrupted = true;
  EXPECT_EQ(to_json(nothing)["streams"], 0);
  EXPECT_THAT(charts_html(nothing), HasSubstr("<svg"));
}

TEST(SvgLines, PointsLieOnTheScaleAndTheLimitBelongsToIt) {
  const std::string svg = svg_of({"a<b", "s", {{"x&y", {{0, 0}, {10, 50}}}}, 100});
  EXPECT_THAT(svg, AllOf(HasSubstr("d=\"M60.0 200.0L700.0 116.2\""), HasSubstr("aria-label=\"a&lt;b\""),
                         HasSubstr("x&amp;y"), HasSubstr(">10 s<"), HasSubstr(">100<"), HasSubstr("H700")));
  Line dots{"", {{1, 1}}};
  dots.dots = true;
  EXPECT_THAT(svg_of({"a", "s", {dots}}), HasSubstr("<circle class=\"ours\" cx=\"700.0\""));
  EXPECT_THAT(svg_of({"a", "s", {}}), HasSubstr("</svg>")) << "nothing is no division by zero";
}

TEST(Compare, GivesRatiosAndWhatDiffers) {
  CapacityReport other = sample();
  other.streams = 3;
  other.rounds[2] = round_of(3, true, 0.2);
  other.environment.cpu = "faster";
  other.environment.date = "2026";
  other.seconds = 30;
  const auto text = comparison_text(to_json(sample()), to_json(other));
  ASSERT_TRUE(text.ok()) << text.status().message();
  EXPECT_THAT(*text, AllOf(HasSubstr("1.500"), HasSubstr("seconds: 60 | 30"), HasSubstr("cpu:  | faster"),
                           Not(HasSubstr("date"))));
  EXPECT_THAT(*comparison_text(to_json(sample()), to_json(sample())), Not(HasSubstr("(A | B)")));
}

TEST(Compare, RefusesWhatIsNoPairOfReports) {
  ordered_json report = to_json(sample());
  EXPECT_EQ(comparison_text(report, ordered_json::array()).status().code(), Code::corrupt_input);
  ordered_json other = report;
  other["kind"] = "store";
  EXPECT_THAT(comparison_text(report, other).status().message(), HasSubstr("capacity, the other of store"));
  const Scripts scripts;
  const auto text = compare_files(scripts.put("a.json", report.dump()), scripts.put("b.json", "{}"));
  EXPECT_EQ(text.status().code(), Code::corrupt_input);
  EXPECT_THAT(text.status().message(), HasSubstr("b.json: it is no report"));
}

}  // namespace
}  // namespace millrace::bench
