#include "bench/store_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using ::testing::HasSubstr;

TEST(StoreBench, SubmitsAndListsAllAndLeavesNothing) {
  const Scripts scripts;
  StoreBenchOptions options;
  options.folder = scripts.folder();
  options.clients = 3;
  options.submissions = 20;
  options.jobs = 100;
  options.page = 15;
  options.disk_alone = std::chrono::milliseconds(10);
  std::string heard;
  BenchListener listener;
  listener.environment = [&](const Environment& environment) { heard += environment.workload; };
  listener.progress = [&](std::string_view line) { heard += std::string(line) + "\n"; };
  const StopFlag stop;
  const auto report = run_store_bench(options, listener, stop);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->submission.count, 20U);
  EXPECT_GT(report->submissions_per_second(), 0);
  EXPECT_GT(report->syncs_per_second, 0);
  EXPECT_GT(report->bytes, 0);
  ASSERT_EQ(report->lists.size(), 4U);
  EXPECT_EQ(report->lists[0].state, "completed");
  EXPECT_EQ(report->lists[0].jobs, 70);
  EXPECT_EQ(report->lists[0].page.count, 5U);
  EXPECT_EQ(report->lists[3].jobs, 10);
  EXPECT_THAT(heard, HasSubstr("20 submissions by 3 clients"));
  EXPECT_TRUE(std::filesystem::is_empty(scripts.folder()));
}

TEST(StoreBench, AStopEndsIt) {
  const Scripts scripts;
  StoreBenchOptions options;
  options.folder = scripts.folder();
  options.disk_alone = std::chrono::milliseconds(1);
  StopFlag stop;
  stop.request();
  const BenchListener listener{[](const Environment&) {}, [](std::string_view) {}};
  EXPECT_EQ(run_store_bench(options, listener, stop).status().code(), engine::Code::cancelled);
  EXPECT_TRUE(std::filesystem::is_empty(scripts.folder()));
}

}  // namespace
}  // namespace millrace::bench
