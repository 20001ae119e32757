#include "bench/resume_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

namespace millrace::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

ResumeReport sample() {
  ResumeReport report;
  report.seed = 7;
  report.worker_kills = 6;
  report.daemon_kills = 4;
  report.ready = {0.3, 0.5};
  report.running = {0.4, 0.6};
  report.worker_segment = {0.2};
  report.daemon_segment = {0.9, 1.1};
  report.books.jobs = report.books.completed = 12;
  report.books.segments = 240;
  return report;
}

TEST(ResumeReport, AWholeRunMeetsEveryTarget) {
  for (const Target& target : judge(sample())) EXPECT_EQ(target.verdict, Verdict::met) << target.what;
  EXPECT_TRUE(judge(ResumeReport()).empty());
  ResumeReport no_daemon_died = sample();
  no_daemon_died.running.clear();
  int not_measured = 0;
  for (const Target& target : judge(no_daemon_died)) not_measured += target.verdict == Verdict::not_measured;
  EXPECT_EQ(not_measured, 1);
}

TEST(ResumeReport, EachHarmMissesOneTarget) {
  const std::pair<const char*, std::function<void(ResumeReport&)>> cases[] = {
      {"jobs lost", [](ResumeReport& r) { r.books.lost = 1; }},
      {"jobs doubled", [](ResumeReport& r) { r.books.doubled = 1; }},
      {"jobs that did not end as they should", [](ResumeReport& r) { r.books.completed = 11; }},
      {"orphans", [](ResumeReport& r) { r.orphans = 1; }},
      {"orphans", [](ResumeReport& r) { r.books.stray_folders = 1; }},
      {"receipts that do not hold", [](ResumeReport& r) { r.receipts_wrong = 1; }},
      {"findings in the store", [](ResumeReport& r) { r.books.findings = 1; }},
      {"finished picture segments encoded again", [](ResumeReport& r) { r.books.segments_twice = 11; }},
      {"worker killed: from the kill to the next finished segment",
       [](ResumeReport& r) { r.worker_segment = {2.0}; }},
      {"daemon killed: from the kill until a job runs again",
       [](ResumeReport& r) {
         r.running = {0.1, 2.0};
       }},
  };
  for (const auto& [what, harm] : cases) {
    ResumeReport report = sample();
    harm(report);
    for (const Target& target : judge(report))
      EXPECT_EQ(target.verdict, target.what == what ? Verdict::not_met : Verdict::met)
          << what << ": " << target.what;
  }
}

TEST(ResumeReport, IsToldInWordsAndAsJson) {
  ResumeReport report = sample();
  for (int i = 0; i < 12; ++i) report.books.wrong.push_back("job " + std::to_string(i) + " is failed");
  report.targets = judge(report);
  EXPECT_THAT(figures_text(report),
              AllOf(HasSubstr("10 kills in 0 s: 6 of a worker, 4 of the daemon (seed 7)"),
                    HasSubstr("0 lost, 0 doubled"), HasSubstr("ready after 0.40 s (0.30..0.50) of 2"),
                    HasSubstr("job 9 is failed"), HasSubstr("and 2 more")));
  const nlohmann::ordered_json json = to_json(report);
  EXPECT_EQ(json["jobs"], 12);
  EXPECT_EQ(json["segment_after_daemon_kill_seconds"]["most"], 1.1);
  EXPECT_EQ(json["wrong"].size(), 12U);
}

}  // namespace
}  // namespace millrace::bench
