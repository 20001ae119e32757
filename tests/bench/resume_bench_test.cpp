// The pieces of the measurement; tests/system/resume_test.py runs it whole.
#include "bench/resume_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/served_books.h"
#include "engine/job/job_spec_json.h"
#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using ::testing::HasSubstr;

TEST(ResumeSpec, IsOneThatMillraceTakesAndBearsItsKey) {
  const auto spec = engine::parse_job_spec(resume_spec("/media/a b.mp4", "7-1"));
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  EXPECT_EQ(spec->input_url, "file:///media/a%20b.mp4");
  EXPECT_EQ(spec->outputs.size(), 2U);
  EXPECT_EQ(spec->tags.at(kKeyTag), "7-1");
}

TEST(ResumeBench, WhatDoesNotGetReadyIsAFailureAndLeavesNothing) {
  const Scripts scripts;
  ResumeOptions options;
  scripts.lead_nowhere(options);
  options.source = scripts.put("media/in.mp4", "media");
  const BenchListener listener{[](const Environment&) {}, [](std::string_view) {}};
  const StopFlag stop;
  const auto report = run_resume_bench(options, listener, stop);
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.status().message(), HasSubstr("did not get ready"));
  EXPECT_TRUE(std::filesystem::is_empty(options.folder));
}

}  // namespace
}  // namespace millrace::bench
