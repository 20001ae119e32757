#include "engine/schedule/failure_bundle.h"

#include <gmock/gmock.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "engine/base/file.h"
#include "engine/pipeline/inspect.h"
#include "engine/schedule/bundle_cut.h"
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

TEST(FailureBundle, KnowsThePlaceInItsSource) {
  Job job = failed_job();
  job.progress.media_seconds = 30;
  Plan plan;
  plan.source.duration_seconds = 120;
  const auto place_of = [&](const std::string& sentence) {
    job.plan = to_json(plan).dump();
    const FailureBundle seen = bundle_of(job, {Code::corrupt_input, sentence}, {}, {});
    return place_in_source(bundle_from(text_of(seen)).value_or({}));
  };
  EXPECT_EQ(place_of("look at a.ts: at 60.000 s: a damaged packet"), 0.5);
  EXPECT_EQ(place_of("worker 7 died of signal 11 at 3 places"), 0.25) << "as far as the work had come";
  plan.trim_from = 1;
  EXPECT_EQ(place_of("a.ts: at 60.000 s: a damaged packet"), std::nullopt);
  EXPECT_EQ(place_in_source(bundle()), std::nullopt);
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

// A daemon whose source is 3 MiB, of which byte 4,000 makes workers refuse it.
class LargeSource : public DaemonTest {
 protected:
  static bool is_cut(const std::string& url) { return url.find("/cut/") != std::string::npos; }
  void start_with(std::function<Status(const std::string& url)> at_url) {
    ASSERT_TRUE(write_file(folder_.path() / "media/in.mov", std::string(3 << 20, '.')).ok());
    start();
    workers_->at_url = std::move(at_url);
  }
  Result<FailureBundle> bundle_of(const std::string& id) const {
    const Result<std::string> text = read_file(config().data / "jobs" / id / "bundle.json");
    return text.ok() ? bundle_from(*text) : Result<FailureBundle>(text.status());
  }
};

TEST_F(LargeSource, IsCutToWhatFailsOnceTheJobHasFailed) {
  start_with([](const std::string& url) -> Status {
    const std::string path = path_of_url(url).value_or("");
    if (std::filesystem::file_size(path) <= 4'000) return {};
    return {Code::corrupt_input, path + ": a slice is damaged"};
  });
  const std::string id = submit();
  await(id, JobState::failed);
  while (bundle_of(id).value_or({}).source_bytes.empty()) std::this_thread::yield();  // the run goes on
  const FailureBundle bundle = *bundle_of(id);
  EXPECT_GT(bundle.source_bytes.size(), 4'000U);
  EXPECT_LE(bundle.source_bytes.size(), 4'000U + 128);
  EXPECT_EQ(bundle.source_size, 3 << 20);
  EXPECT_THAT(bundle.source_note, HasSubstr("of 3145728"));
  ASSERT_TRUE(jobs().erase(id).ok());
}

TEST_F(LargeSource, DeletingTheJobEndsTheSearch) {
  std::atomic<bool> cutting{false};
  before_ = [&](const std::string&, std::int64_t, std::stop_token stop) -> Status {
    if (!cutting) return {Code::corrupt_input, "a slice is damaged"};
    reached_.open();
    return go_on_.wait(stop) ? Status() : Status(Code::cancelled, "stopped");
  };
  start_with([&](const std::string& url) {
    if (is_cut(url)) cutting = true;
    return Status();
  });
  const std::string id = submit();
  await(id, JobState::failed);
  reached_.wait();
  ASSERT_TRUE(jobs().erase(id).ok());
  EXPECT_FALSE(std::filesystem::exists(config().data / "jobs" / id));
}

TEST_F(LargeSource, AFailureThatIsNotItsDoingIsNotLookedFor) {
  std::atomic<int> cuts{0};
  start_with([&](const std::string& url) -> Status {
    cuts += is_cut(url);
    return {Code::not_found, "no such file"};
  });
  const std::string id = submit();
  await(id, JobState::failed);
  ASSERT_TRUE(jobs().erase(id).ok());  // waits for the run
  EXPECT_EQ(cuts, 0);
}

TEST_F(LargeSource, NothingIsTriedWhileOthersWaitAndTheBundleSaysSo) {
  ASSERT_TRUE(write_file(folder_.path() / "media/in.mov", std::string(3 << 20, '.')).ok());
  FailureBundle failed = bundle();
  failed.spec = spec();
  add_source(failed, url());
  const std::filesystem::path file = folder_.path() / "bundle.json";
  ASSERT_TRUE(write_file(file, text_of(failed)).ok());
  FakeWorkers workers;
  RoomLedger room({});
  const hw::Inventory machine;
  BundleCutParts parts{workers, machine, room};
  parts.others_wait = [] { return true; };
  const Status cut = cut_bundle(file, folder_.path() / "cut", parts, {});
  ASSERT_TRUE(cut.ok()) << to_string(cut);
  EXPECT_EQ(workers.sounds, 0);
  const FailureBundle after = bundle_from(*read_file(file)).value_or({});
  EXPECT_THAT(after.source_note, HasSubstr("in the time there was"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "cut"));
}

TEST_F(LargeSource, ASearchThatFindsNoRoomIsNotRememberedForIt) {
  ASSERT_TRUE(write_file(folder_.path() / "media/in.mov", std::string(3 << 20, '.')).ok());
  FailureBundle failed = bundle();
  failed.spec = spec();
  add_source(failed, url());
  const std::filesystem::path file = folder_.path() / "bundle.json";
  ASSERT_TRUE(write_file(file, text_of(failed)).ok());
  FakeWorkers workers;
  int asked = 0;
  RoomLedger room({[&] {
                     ++asked;
                     return Result<std::int64_t>(0);
                   },
                   0, 0});
  const hw::Inventory machine;
  const BundleCutParts parts{workers, machine, room};
  const Status cut = cut_bundle(file, folder_.path() / "cut", parts, {});
  ASSERT_TRUE(cut.ok()) << to_string(cut);
  EXPECT_GT(asked, 0);
  EXPECT_THAT(room.lacking(), IsEmpty());
}

}  // namespace
}  // namespace millrace::engine
