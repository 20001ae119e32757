#include "bench/thumbnails_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/bench/samples.h"

namespace millrace::bench {
namespace {

using ::testing::HasSubstr;

ThumbnailsReport sample_thumbnails(double ours, double theirs) {
  ThumbnailsReport report;
  report.environment = sample_report().environment;
  report.rounds = 3;
  report.count = 60;
  report.millrace = sample_way("millrace", ours, ours, 100'000'000);
  report.ffmpeg = sample_way("ffmpeg, one seek per still", theirs, theirs, 90'000'000);
  report.targets = judge(report);
  return report;
}

TEST(ThumbnailsReport, HalfTheTimeIsTheTarget) {
  EXPECT_EQ(sample_thumbnails(5, 10).targets[0].verdict, Verdict::met);
  EXPECT_EQ(sample_thumbnails(5.1, 10).targets[0].verdict, Verdict::not_met);
  EXPECT_EQ(judge(ThumbnailsReport())[0].verdict, Verdict::not_measured);
}

TEST(ThumbnailsReport, TheTextHoldsBothWallsAndTheRatio) {
  const std::string text = figures_text(sample_thumbnails(4, 10));
  for (const char* part :
       {"Median (least..most) of 3 rounds", "4.00 (3.60..4.40)", "10.00 (9.00..11.00)",
        "met           wall time, against ffmpeg with one seek per still: 0.400 x (4.00 s / 10.00 s",
        "(target: at most 0.50 x)", "  ffmpeg, one seek per still in.mp4 'a & b' OUT\n"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(ThumbnailsReport, TheJsonHoldsTheSame) {
  const auto json = to_json(sample_thumbnails(4, 10));
  EXPECT_DOUBLE_EQ(json["wall_ratio"].get<double>(), 0.4);
  EXPECT_EQ(json["stills"], 60);
  EXPECT_EQ(json["ways"].size(), 2u);
  EXPECT_EQ(json["ways"][1]["wall_seconds"]["median"], 10.0);
  EXPECT_EQ(json["targets"][0]["verdict"], "met");
  EXPECT_TRUE(json["environment"].contains("cpu"));
}

}  // namespace
}  // namespace millrace::bench
