#include "bench/ladder_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/bench/samples.h"

namespace millrace::bench {
namespace {

using ::testing::HasSubstr;

enum Row { kOneCommand, kProcesses, kSsim, kBitRate, kFrames, kPeak, kFirstSmall, kFirstAll, kSubmit, kRows };

TEST(LadderReport, TheSampleMeetsEveryTarget) {
  const std::vector<Target> targets = judge(sample_report());
  ASSERT_EQ(targets.size(), static_cast<std::size_t>(kRows));
  for (const Target& target : targets)
    EXPECT_EQ(target.verdict, Verdict::met) << target.what << ": " << target.measured;
  EXPECT_EQ(targets[kOneCommand].measured, "1.263 x (48.0 s / 38.0 s, medians)");
  EXPECT_EQ(targets[kProcesses].measured, "1.684 x (64.0 s / 38.0 s, medians)");
  EXPECT_EQ(targets[kSsim].measured, "+0.00100 at worst (720p)");
  EXPECT_EQ(targets[kBitRate].measured, "+0.4 % at worst (720p)");
  EXPECT_EQ(targets[kFrames].measured, "250 of 250 (every rendition)");
  EXPECT_EQ(targets[kPeak].measured, "660 MB at most of 3 rounds");
  EXPECT_EQ(targets[kFirstSmall].measured, "1.25 s (360p)");
  EXPECT_EQ(targets[kFirstAll].measured, "4.50 s (720p last)");
  EXPECT_EQ(targets[kSubmit].measured, "5.0 ms, median of 120 (5.0..5.0)");
}

TEST(LadderReport, TableOfChangesAndVerdicts) {
  struct Case {
    const char* name;
    std::function<void(LadderReport&)> change;
    Row row;
    Verdict verdict;
  };
  const auto faster = [](WayFigures LadderReport::*other, double factor) {
    return [=](LadderReport& r) {
      for (std::size_t i = 0; i < 3; ++i)
        (r.*other).runs[i].wall_seconds = r.millrace.runs[i].wall_seconds * factor;
    };
  };
  const Case cases[] = {
      {"a fifth faster", faster(&LadderReport::one_command, 1.2001), kOneCommand, Verdict::met},
      {"a little slower", faster(&LadderReport::one_command, 1.1999), kOneCommand, Verdict::not_met},
      {"processes", faster(&LadderReport::per_rendition, 1.6001), kProcesses, Verdict::met},
      {"processes a little faster", faster(&LadderReport::per_rendition, 1.5999), kProcesses,
       Verdict::not_met},
      {"no run", [](LadderReport& r) { r.millrace.runs.clear(); }, kOneCommand, Verdict::not_measured},
      {"picture worse in one", [](LadderReport& r) { r.renditions[1].millrace.quality.ssim = 0.98399; },
       kSsim, Verdict::not_met},
      {"picture better", [](LadderReport& r) { r.renditions[1].millrace.quality.ssim = 0.999; }, kSsim,
       Verdict::met},
      {"bits above", [](LadderReport& r) { r.renditions[0].millrace.bits_per_second = 2'829'000; }, kBitRate,
       Verdict::not_met},
      {"bits at the edge", [](LadderReport& r) { r.renditions[0].millrace.bits_per_second = 2'827'000; },
       kBitRate, Verdict::met},
      {"bits below", [](LadderReport& r) { r.renditions[1].millrace.bits_per_second = 759'000; }, kBitRate,
       Verdict::not_met},
      {"no rendition", [](LadderReport& r) { r.renditions.clear(); }, kSsim, Verdict::not_measured},
      {"a frame lost", [](LadderReport& r) { r.renditions[1].millrace.quality.frames = 249; }, kFrames,
       Verdict::not_met},
      {"a frame doubled", [](LadderReport& r) { r.renditions[1].millrace.quality.frames = 251; }, kFrames,
       Verdict::not_met},
      {"memory once too much", [](LadderReport& r) { r.millrace.runs[2].peak_bytes = 700'000'001; }, kPeak,
       Verdict::not_met},
      {"a run not sampled", [](LadderReport& r) { r.millrace.runs[2].peak_bytes.reset(); }, kPeak,
       Verdict::not_measured},
      {"late start", [](LadderReport& r) { r.latency->first_segments[1].seconds = 1.51; }, kFirstSmall,
       Verdict::not_met},
      {"late whole", [](LadderReport& r) { r.latency->first_segments[0].seconds = 5.01; }, kFirstAll,
       Verdict::not_met},
      {"no server", [](LadderReport& r) { r.latency.reset(); }, kFirstAll, Verdict::not_measured},
      {"slow answers", [](LadderReport& r) { r.latency->submission_milliseconds.assign(100, 20.1); }, kSubmit,
       Verdict::not_met},
      {"too few answers", [](LadderReport& r) { r.latency->submission_milliseconds.assign(99, 1); }, kSubmit,
       Verdict::not_measured},
  };
  for (const Case& c : cases) {
    LadderReport report = sample_report();
    c.change(report);
    const std::vector<Target> targets = judge(report);
    EXPECT_EQ(name_of(targets[c.row].verdict), name_of(c.verdict))
        << c.name << ": " << targets[c.row].measured;
  }
}

TEST(LadderReport, AnUnmeasuredReportHasNoVerdictMet) {
  for (const Target& target : judge(LadderReport()))
    EXPECT_EQ(target.verdict, Verdict::not_measured) << target.what;
}

}  // namespace
}  // namespace millrace::bench
