#include "engine/schedule/failure_bundle.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "engine/base/file.h"
#include "tests/engine/schedule/daemon_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Job failed_job() {
  Job job;
  job.id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  job.spec = R"({"input":{"url":"file:///media/in.mov"}})";
  job.attempts.resize(1);
  job.attempts[0].outcome = "failed: no";
  return job;
}

FailureBundle bundle() {
  Status failure(Code::device_lost, "worker 7 died of signal 11 (Segmentation fault)");
  failure.at_field("input.url");
  return bundle_of(failed_job(), failure, {}, {"one line", "another"});
}

TEST(FailureBundle, ComesBackWhole) {
  FailureBundle written = bundle();
  written.source_bytes = std::string("\0\xff media", 8);
  written.source_size = 9'000'000'000;
  written.source_note = "its beginning";
  const Result<FailureBundle> read = bundle_from(text_of(written));
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->job_id, written.job_id);
  EXPECT_EQ(read->trace_id, written.trace_id);
  EXPECT_EQ(read->failure.code(), Code::device_lost);
  EXPECT_EQ(read->failure.message(), written.failure.message());
  EXPECT_EQ(read->failure.field(), "input.url");
  EXPECT_EQ(read->spec, written.spec);
  EXPECT_THAT(read->plan, IsEmpty());
  EXPECT_THAT(read->attempts, HasSubstr("failed: no"));
  EXPECT_THAT(read->environment, HasSubstr("libavcodec"));
  EXPECT_THAT(read->log, ElementsAre("one line", "another"));
  EXPECT_EQ(read->source_bytes, written.source_bytes);
  EXPECT_EQ(read->source_size, written.source_size);
  EXPECT_EQ(read->source_note, written.source_note);
}

TEST(FailureBundle, ItsTraceIsTheJobsName) {
  // The 128 bits of the ULID: 48 of its time, 80 by chance.
  EXPECT_EQ(trace_id_of("01ARZ3NDEKTSV4RRFFQ69G5FAV"), "01563e3ab5d3d6764c61efb99302bd5b");
  EXPECT_EQ(trace_id_of("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), std::string(32, 'f'));
  EXPECT_EQ(trace_id_of("00000000000000000000000001"), std::string(31, '0') + "1");
  EXPECT_EQ(trace_id_of("no name"), "");
}

TEST(FailureBundle, WhatIsNoneIsRefusedWithTheReason) {
  const std::string good = text_of(bundle());
  const auto with = [&](const std::string& field, const nlohmann::ordered_json& value) {
    auto json = nlohmann::ordered_json::parse(good);
    json[field] = value;
    return bundle_from(json.dump()).status();
  };
  EXPECT_THAT(bundle_from("no JSON").status().message(), HasSubstr("not a failure bundle"));
  EXPECT_THAT(with("millrace_bundle", 2).message(), HasSubstr("millrace_bundle is 2"));
  EXPECT_EQ(with("error", 1).code(), Code::invalid_argument);
  EXPECT_THAT(with("error", {{"code", "none such"}, {"message", ""}}).message(), HasSubstr("none such"));
  EXPECT_THAT(with("source", {{"bytes", "!"}}).message(), HasSubstr("base64"));
  EXPECT_EQ(bundle_from("{\"millrace_bundle\": 1}").status().code(), Code::invalid_argument);
}

TEST_F(DaemonTest, AFailedJobLeavesABundleAndADoneOneDoesNot) {
  std::atomic<bool> fails{true};
  before_ = [&](const std::string&, std::int64_t, std::stop_token) {
    return fails ? Status(Code::corrupt_input, (folder_.path() / "media/in.mov").native() + ": broken")
                 : Status();
  };
  start();
  const std::string id = submit();
  await(id, JobState::failed);
  const std::filesystem::path file = config().data / "jobs" / id / "bundle.json";
  const Result<std::string> text = read_file(file);
  ASSERT_TRUE(text.ok()) << text.status().message();
  const Result<FailureBundle> left = bundle_from(*text);
  ASSERT_TRUE(left.ok()) << left.status().message();
  EXPECT_EQ(left->job_id, id);
  EXPECT_EQ(left->failure.code(), Code::corrupt_input);
  EXPECT_THAT(left->failure.message(), HasSubstr(folder_.path().native())) << "ours, not the client's words";
  EXPECT_THAT(left->plan, HasSubstr("abr/360p"));
  EXPECT_THAT(left->spec, HasSubstr("in.mov"));
  EXPECT_EQ(left->source_bytes, "media");
  fails = false;
  ASSERT_TRUE(jobs().retry(id).ok());
  await(id, JobState::completed);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(DaemonTest, ALargeSourceIsNamedAndNotTakenAlong) {
  FailureBundle bundle;
  ASSERT_TRUE(write_file(folder_.path() / "media/large.mov", std::string((2 << 20) + 1, 'x')).ok());
  add_source(bundle, "file://" + (folder_.path() / "media/large.mov").native());
  EXPECT_EQ(bundle.source_bytes, "");
  EXPECT_EQ(bundle.source_size, (2 << 20) + 1);
  EXPECT_THAT(bundle.source_note, HasSubstr("--shrink"));
  FailureBundle remote;
  add_source(remote, "https://example.org/a.mov");
  EXPECT_THAT(remote.source_note, Not(IsEmpty()));
}

}  // namespace
}  // namespace millrace::engine
