#include "bench/store_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

namespace millrace::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

StoreReport sample() {
  StoreReport report;
  report.clients = 8;
  report.submissions = 20'000;
  report.seconds = 8;
  report.syncs_per_second = 400;
  report.page = 50;
  report.submission = times_of({3, 3, 4});
  report.lists = {{"completed", 70'000, times_of({1, 2})}, {"queued", 30'000, times_of({1, 4})}};
  return report;
}

TEST(Times, ThePercentileIsAValueThatNinetyNineOfAHundredDoNotExceed) {
  std::vector<double> values(200);
  std::iota(values.rbegin(), values.rend(), 1.0);
  const Times times = times_of(values);
  EXPECT_EQ(times.count, 200U);
  EXPECT_EQ(times.median, 100.5);
  EXPECT_EQ(times.p99, 198);
  EXPECT_EQ(times.most, 200);
  EXPECT_EQ(times_of({7}).p99, 7);
  EXPECT_EQ(times_of({}).count, 0U);
}

TEST(StoreReport, TargetsAreTwoThousandASecondAndFiveMillisecondsAPage) {
  StoreReport report = sample();
  std::vector<Target> targets = judge(report);
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0].verdict, Verdict::met);
  EXPECT_THAT(targets[0].measured, HasSubstr("2500 a second, 6.2 for each fdatasync"));
  EXPECT_EQ(targets[1].verdict, Verdict::met);
  EXPECT_EQ(targets[1].measured, "4.00 ms (queued, 50 jobs a page)");
  report.seconds = 10.01;
  report.lists[0].page.p99 = 5;
  targets = judge(report);
  EXPECT_EQ(targets[0].verdict, Verdict::not_met);
  EXPECT_EQ(targets[1].verdict, Verdict::not_met);
  EXPECT_THAT(targets[1].measured, HasSubstr("completed"));
  for (const Target& target : judge(StoreReport())) EXPECT_EQ(target.verdict, Verdict::not_measured);
}

TEST(StoreReport, IsToldInWordsAndAsJson) {
  StoreReport report = sample();
  report.targets = judge(report);
  EXPECT_THAT(figures_text(report), AllOf(HasSubstr("20000 by 8 clients in 8.00 s: 2500 a second"),
                                          HasSubstr("A store of 100000 jobs"), HasSubstr("met ")));
  const nlohmann::ordered_json json = to_json(report);
  EXPECT_EQ(json["submissions_per_second"], 2500);
  EXPECT_EQ(json["lists"][1]["page_milliseconds"]["p99"], 4);
  EXPECT_EQ(json["targets"][0]["verdict"], "met");
}

}  // namespace
}  // namespace millrace::bench
