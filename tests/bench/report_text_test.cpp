#include "bench/report_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/samples.h"

namespace millrace::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ReportText, TheEnvironmentNamesSourceAndPrograms) {
  Environment environment = sample_report().environment;
  environment.millrace_version = "millrace 0.1.0";
  environment.ffmpeg_version = "ffmpeg version 5.1.9";
  environment.load = "0.1 0.2 0.3";
  const std::string text = environment_text(environment, 3);
  for (const char* part :
       {"2026-01-02T03:04:05Z", "Test <CPU> & Co, 2 cores usable", "load       0.1 0.2 0.3", "millrace 0.1.0",
        "ffmpeg version 5.1.9", "libavcodec.so.59.37.100 (both)", "millrace libx264.so.164, ffmpeg none",
        "1234 bytes, sha256 abcd", "workload   720p 2.8M", "rounds     3"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(ReportText, HoldsEveryFigure) {
  const std::string text = figures_text(sample_report());
  for (const char* part :
       {"Median (least..most) of 3 rounds", "38.00 (34.20..41.80)", "75.00 (67.50..82.50)", "600 (540..660)",
        "2810   0.98500   0.98400    41.50    40.50     250", "360p    can be watched after 1.25 s",
        "5.0 (5.0..5.0) ms, median of 120", "met           throughput, against one ffmpeg command",
        "(target: at least 1.2 x)", "  millrace in.mp4 'a & b' OUT\n"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(ReportText, SaysWhyThereIsNoLatency) {
  LadderReport report = sample_report();
  report.latency.reset();
  report.latency_absence = "--no-server was given";
  report.targets = judge(report);
  const std::string text = figures_text(report);
  EXPECT_THAT(text, HasSubstr("Latency: not measured (--no-server was given)"));
  EXPECT_THAT(text, HasSubstr("not measured  first segment of the smallest rendition, served: no figure"));
}

TEST(ReportText, MemoryThatWasNotSampledIsNoZero) {
  LadderReport report = sample_report();
  for (RunFigures& run : report.per_rendition.runs) run.peak_bytes.reset();
  EXPECT_THAT(figures_text(report), HasSubstr("not measured\n"));
  EXPECT_EQ(run_text(report.per_rendition.runs[0]), "64.00 s wall, 125.00 s CPU, memory not measured");
  EXPECT_EQ(run_text(report.millrace.runs[0]), "38.00 s wall, 75.00 s CPU, 600 MB peak");
}

}  // namespace
}  // namespace millrace::bench
