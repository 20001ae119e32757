#include "bench/report_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/bench/samples.h"

namespace millrace::bench {
namespace {

using Json = nlohmann::ordered_json;

TEST(ReportJson, HoldsWhatTheTextHoldsUnrounded) {
  const Json json = to_json(sample_report());
  EXPECT_EQ(json["environment"]["source"]["sha256"], "abcd");
  EXPECT_EQ(json["environment"]["libraries"][1]["ffmpeg"], nullptr);
  EXPECT_EQ(json["rounds"], 3);
  ASSERT_EQ(json["ways"].size(), 3u);
  EXPECT_EQ(json["ways"][0]["name"], "millrace");
  EXPECT_EQ(json["ways"][0]["wall_seconds"]["median"], 38.0);
  EXPECT_EQ(json["ways"][0]["runs"].size(), 3u);
  EXPECT_EQ(json["ways"][0]["runs"][0]["peak_bytes"], 600'000'000);
  EXPECT_EQ(json["ways"][0]["commands"][0], "millrace in.mp4 'a & b' OUT");
  EXPECT_EQ(json["renditions"][1]["name"], "360p");
  EXPECT_EQ(json["renditions"][1]["ffmpeg"]["bits_per_second"], 800'000.0);
  EXPECT_EQ(json["latency"]["first_segments"][0]["rendition"], "720p");
  EXPECT_EQ(json["latency"]["submission_milliseconds"]["count"], 120);
  EXPECT_EQ(json["latency"]["note"], nullptr);
  ASSERT_EQ(json["targets"].size(), 9u);
  EXPECT_EQ(json["targets"][0]["verdict"], "met");
}

TEST(ReportJson, AbsentFiguresAreNull) {
  LadderReport report = sample_report();
  report.latency.reset();
  report.latency_absence = "no";
  report.millrace.runs[0].peak_bytes.reset();
  report.renditions[0].millrace.quality.psnr = std::numeric_limits<double>::infinity();
  report.targets = judge(report);
  const Json json = to_json(report);
  EXPECT_EQ(json["latency"], (Json{{"measured", false}, {"reason", "no"}}));
  EXPECT_EQ(json["ways"][0]["peak_bytes"], nullptr);
  EXPECT_EQ(json["ways"][0]["runs"][0]["peak_bytes"], nullptr);
  EXPECT_EQ(json["renditions"][0]["millrace"]["psnr_decibels"], nullptr);
  EXPECT_EQ(json["targets"][5]["measured"], nullptr);
  EXPECT_EQ(json["targets"][5]["verdict"], "not measured");
}

}  // namespace
}  // namespace millrace::bench
