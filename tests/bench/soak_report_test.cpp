#include "bench/soak_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

namespace millrace::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

SoakReport sample() {
  SoakReport report;
  report.seed = 7;
  report.wall_seconds = 100;
  report.faults = {0, 20, 4, 10, 1};
  report.samples = {{20, 10, 50'000'000, 30, 120, 20, 2},
                    {100, 50, 59'000'000, 31, 128, 50, 3},
                    {200, 100, 51'000'000, 30, 121, 60, 2}};
  report.receipts = 190;
  report.books.jobs = 200;
  report.books.completed = 192;
  report.books.failed_rightly = 8;
  report.books.tasks_again = {{"device_lost", 4}, {"worker_killed", 18}};
  report.books.waits = 3;
  return report;
}

TEST(SoakReport, AWholeRunMeetsEveryTarget) {
  for (const Target& target : judge(sample())) EXPECT_EQ(target.verdict, Verdict::met) << target.what;
}

TEST(SoakReport, EachHarmMissesOneTarget) {
  const std::pair<const char*, std::function<void(SoakReport&)>> cases[] = {
      {"jobs lost", [](SoakReport& r) { r.books.lost = 1; }},
      {"jobs that did not end as they should", [](SoakReport& r) { r.books.completed = 191; }},
      {"orphans", [](SoakReport& r) { r.orphans = 1; }},
      {"receipts that do not hold", [](SoakReport& r) { r.receipts_wrong = 1; }},
      {"times the disk was full", [](SoakReport& r) { r.faults[4] = 0; }},
      {"memory of the daemon at rest", [](SoakReport& r) { r.samples[1].memory_bytes = 60'000'000; }},
      {"open files of the daemon at rest", [](SoakReport& r) { r.samples[2].open_files = 129; }},
      {"open files of the daemon's store", [](SoakReport& r) { r.samples[1].store_files = 257; }},
      {"threads of the daemon at rest", [](SoakReport& r) { r.samples[2].threads = 35; }},
      {"processes of the daemon at rest", [](SoakReport& r) { r.samples[2].processes = 5; }},
  };
  for (const auto& [what, harm] : cases) {
    SoakReport report = sample();
    harm(report);
    for (const Target& target : judge(report))
      EXPECT_EQ(target.verdict, target.what.starts_with(what) ? Verdict::not_met : Verdict::met)
          << what << ": " << target.what;
  }
}

TEST(SoakReport, WhatWasNotDoneIsNotMeasured) {
  SoakReport report = sample();
  report.no_full_disk = "left out, as nothing can be mounted: Operation not permitted";
  report.samples.resize(1);
  int not_measured = 0;
  for (const Target& target : judge(report)) not_measured += target.verdict == Verdict::not_measured;
  EXPECT_EQ(not_measured, 5);  // the disk, memory, threads, files, processes
}

TEST(SoakReport, IsToldInWordsAndAsJson) {
  SoakReport report = sample();
  report.books.wrong = {"job X is failed: its disk is full"};
  report.targets = judge(report);
  EXPECT_THAT(
      figures_text(report),
      AllOf(
          HasSubstr("200 jobs in 100 s, 2.0 a second (seed 7): 192 completed, 8 failed as"),
          HasSubstr("20 processes of tasks killed, 4 stopped, 10 sources taken away, the disk full 1 times"),
          HasSubstr("given out again: 4 of device_lost, 18 of worker_killed; 3 attempts"),
          HasSubstr("job X is failed"), HasSubstr("9.0 MB more than 50.0 MB")));
  const nlohmann::ordered_json json = to_json(report);
  EXPECT_EQ(json["faults"]["worker stopped"], 4);
  EXPECT_EQ(json["tasks_again"]["worker_killed"], 18);
  EXPECT_EQ(json["daemon_at_rest"][1]["memory_bytes"], 59'000'000);
}

TEST(SoakFaults, AreSharedOutByTheSeedEachAtLeastOnce) {
  const auto count = [](const std::vector<Fault>& faults, Fault fault) {
    return std::count(faults.begin(), faults.end(), fault);
  };
  const std::vector<Fault> many = plan_faults(2000, 1);
  ASSERT_EQ(many.size(), 2000U);
  EXPECT_EQ(count(many, Fault::worker_killed), 200);
  EXPECT_EQ(count(many, Fault::worker_stopped), 40);
  EXPECT_EQ(count(many, Fault::source_gone), 100);
  EXPECT_EQ(count(many, Fault::disk_full), 10);
  EXPECT_EQ(many, plan_faults(2000, 1));
  EXPECT_NE(many, plan_faults(2000, 2));
  const std::vector<Fault> few = plan_faults(4, 1);
  for (const Fault fault :
       {Fault::worker_killed, Fault::worker_stopped, Fault::source_gone, Fault::disk_full})
    EXPECT_EQ(count(few, fault), 1) << name_of(fault);
}

}  // namespace
}  // namespace millrace::bench
