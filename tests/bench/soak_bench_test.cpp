// The pieces of the soak; tests/system/resume_test.py runs it whole.
#include "bench/soak_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/job_client.h"
#include "bench/small_disk.h"
#include "engine/job/job_spec_json.h"
#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SoakSpec, IsOneThatMillraceTakesAndBearsItsKey) {
  const auto spec = engine::parse_job_spec(soak_spec("/media/a.mp4", "7-1"));
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  EXPECT_EQ(spec->tags.at(kKeyTag), "7-1");
  EXPECT_EQ(spec->cores, 1);
}

TEST(SoakBench, WhatDoesNotGetReadyIsAFailureAndLeavesNothing) {
  const Scripts scripts;
  SoakOptions options;
  scripts.lead_nowhere(options);
  const BenchListener listener{[](const Environment&) {}, [](std::string_view) {}};
  const StopFlag stop;
  // On a thread of its own: its mounts are seen by that thread alone.
  Result<SoakReport> report{SoakReport()};
  std::thread([&] { report = run_soak_bench(options, listener, stop); }).join();
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.status().message(), HasSubstr("did not get ready"));
  EXPECT_TRUE(std::filesystem::is_empty(options.folder));
}

TEST(SmallDisk, IsFullWhenItIsWantedFullAndSeenByNobodyElse) {
  const Scripts scripts;
  const auto folder = scripts.folder() / "disk";
  std::filesystem::create_directories(folder);
  std::string skipped;
  std::thread([&] {
    Result<SmallDisk> disk = SmallDisk::mount(folder, 4 << 20);
    if (!disk.ok()) {
      skipped = disk.status().message();
      return;
    }
    const std::string megabyte(1 << 20, 'x');
    EXPECT_TRUE(engine::write_file(folder / "a", megabyte).ok());
    ASSERT_TRUE(disk->leave_free(64 << 10).ok());
    EXPECT_EQ(engine::write_file(folder / "b", megabyte).code(), Code::resource_exhausted);
    EXPECT_TRUE(engine::write_file(folder / "c", "x").ok());
    ASSERT_TRUE(disk->resize(4 << 20).ok());
    EXPECT_TRUE(engine::write_file(folder / "b", megabyte).ok());
    EXPECT_FALSE(disk->resize(1 << 20).ok());  // more is used
  }).join();
  if (!skipped.empty()) GTEST_SKIP() << skipped;
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

class FakeAnswers final : public Http {
 public:
  Result<HttpAnswer> get(const std::string& path) override { return answers.at(path); }
  Result<HttpAnswer> post(const std::string& path, const std::string&) override { return answers.at(path); }
  Result<HttpAnswer> post_once(const std::string& path, const std::string&, const std::string& key) override {
    return answers.at(path + " " + key);
  }
  std::map<std::string, HttpAnswer> answers;
};

TEST(JobClient, TellsRoomAndAbsenceFromOddAnswers) {
  FakeAnswers http;
  http.answers = {{"/v1/jobs a", {201, R"({"id": "1"})"}},
                  {"/v1/jobs b", {503, "{}"}},
                  {"/v1/jobs c", {201, "{}"}},
                  {"/v1/jobs", {200, R"({"id": "2"})"}},
                  {"/v1/jobs/1", {200, R"({"state": "completed"})"}},
                  {"/v1/jobs/2", {404, "{}"}},
                  {"/v1/jobs/3", {200, "oh"}},
                  {"/v1/jobs?limit=100&state=running", {200, R"({"jobs": [{"id": "1"}, {"id": "2"}]})"}}};
  EXPECT_EQ(submit_job(http, "{}", "a").value_or(""), "1");
  EXPECT_EQ(submit_job(http, "{}", "b").status().code(), Code::resource_exhausted);
  EXPECT_EQ(submit_job(http, "{}", "c").status().code(), Code::internal);
  EXPECT_EQ(submit_job(http, "{}").value_or(""), "2");
  EXPECT_EQ(state_of_job(http, "1").value_or(""), "completed");
  EXPECT_EQ(state_of_job(http, "2").value_or("?"), "");
  EXPECT_EQ(state_of_job(http, "3").status().code(), Code::internal);
  EXPECT_THAT(jobs_in_state(http, "running").value_or({}), ElementsAre("1", "2"));
}

}  // namespace
}  // namespace millrace::bench
