#include "bench/latency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/bench/samples.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class FakeClock final : public BenchClock {
 public:
  std::chrono::nanoseconds now() override { return now_; }
  Status wait(milliseconds time) override {
    now_ += time;
    return now_ >= stop_at ? Status(Code::cancelled, "stopped") : Status();
  }
  void pass(milliseconds time) { now_ += time; }
  std::chrono::nanoseconds stop_at = std::chrono::hours(1);

 private:
  std::chrono::nanoseconds now_{0};
};

// A server whose renditions become playable at set times, and whose job ends at one.
class FakeServer final : public Http {
 public:
  explicit FakeServer(FakeClock& clock) : clock_(clock) {}

  Result<HttpAnswer> get(const std::string& path) override {
    const std::string folder = "/v1/jobs/job0/files/abr/";
    if (path == "/v1/jobs/job0")
      return HttpAnswer{200, R"({"id": "job0", "state": ")" +
                                 std::string(clock_.now() < ends ? "running" : last_state) + "\"}"};
    if (!path.starts_with(folder)) return HttpAnswer{404, ""};
    const std::string rest = path.substr(folder.size());
    const std::string rendition = rest.substr(0, rest.find('/'));
    const std::string file = rest.substr(rest.find('/') + 1);
    if (clock_.now() < playable.at(rendition)) return HttpAnswer{404, "{}"};
    if (file == missing) return HttpAnswer{404, "{}"};
    if (file == "playlist.m3u8")
      return HttpAnswer{200, "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:4,\n00001.m4s\n"};
    return HttpAnswer{200, "bytes"};
  }

  Result<HttpAnswer> post(const std::string& path, const std::string& json) override {
    if (path == "/v1/jobs/cancel") {
      const auto body = nlohmann::json::parse(json);
      for (const auto& id : body["ids"]) cancelled.insert(id.get<std::string>());
      return HttpAnswer{cancel_status, "{}"};
    }
    clock_.pass(submit_time);
    specs.push_back(json);
    return HttpAnswer{submit_status, R"({"id": "job)" + std::to_string(specs.size() - 1) + "\"}"};
  }

  Result<HttpAnswer> post_once(const std::string& path, const std::string& json,
                               const std::string&) override {
    return post(path, json);
  }

  std::map<std::string, milliseconds> playable = {{"720p", milliseconds(5000)}, {"360p", milliseconds(2000)}};
  milliseconds ends{60'000};
  std::string last_state = "completed";
  std::string missing;
  milliseconds submit_time{7};
  int submit_status = 201;
  int cancel_status = 200;
  std::vector<std::string> specs;
  std::set<std::string> cancelled;

 private:
  FakeClock& clock_;
};

class Latency : public ::testing::Test {
 protected:
  Latency() {
    plan_.job = "the job";
    plan_.small_job = "a small one";
    plan_.renditions = {"720p", "360p"};
  }
  Result<LatencyFigures> measure() { return measure_latency(server_, clock_, plan_); }

  FakeClock clock_;
  FakeServer server_{clock_};
  LatencyPlan plan_;
};

TEST_F(Latency, FirstSegmentsCountFromTheSubmission) {
  const Result<LatencyFigures> figures = measure();
  ASSERT_TRUE(figures.ok()) << figures.status().message();
  ASSERT_THAT(figures->first_segments, SizeIs(2));
  EXPECT_EQ(figures->first_segments[0].rendition, "720p");
  EXPECT_NEAR(figures->first_segments[0].seconds, 5.0, 0.021) << "within one look";
  EXPECT_NEAR(figures->first_segments[1].seconds, 2.0, 0.021);
  EXPECT_EQ(figures->note, "");
}

TEST_F(Latency, SubmissionsAreRealTimedAndCancelled) {
  const Result<LatencyFigures> figures = measure();
  ASSERT_TRUE(figures.ok()) << figures.status().message();
  EXPECT_THAT(figures->submission_milliseconds, SizeIs(120));
  EXPECT_THAT(figures->submission_milliseconds, Each(7.0));
  EXPECT_EQ(server_.specs.front(), "the job");
  EXPECT_EQ(server_.specs.back(), "a small one");
  EXPECT_THAT(server_.cancelled, SizeIs(121)) << "the job itself too";
}

TEST_F(Latency, OnlySubmissionsWhileTheJobRanCount) {
  server_.ends = milliseconds(5000 + 35 * 57);  // a submission takes 57 ms with its pause
  const Result<LatencyFigures> figures = measure();
  ASSERT_TRUE(figures.ok()) << figures.status().message();
  EXPECT_THAT(figures->submission_milliseconds, SizeIs(30));
  EXPECT_EQ(figures->note, "the job was completed after 40 submissions; take a longer source");
}

TEST_F(Latency, APlaylistWhoseSegmentIsNotThereIsNotPlayable) {
  plan_.patience = std::chrono::seconds(10);
  for (const char* file : {"init.mp4", "00001.m4s"}) {
    server_.missing = file;
    server_.specs.clear();
    const Result<LatencyFigures> figures = measure();
    ASSERT_FALSE(figures.ok()) << file;
    EXPECT_THAT(figures.status().message(), HasSubstr("0 of 2 renditions could be watched after 10 s"));
  }
}

TEST_F(Latency, AJobThatFailsEndsTheMeasurement) {
  server_.ends = milliseconds(1000);
  server_.last_state = "failed";
  const Result<LatencyFigures> figures = measure();
  ASSERT_FALSE(figures.ok());
  EXPECT_THAT(figures.status().message(), HasSubstr("the measured job is failed"));
}

TEST_F(Latency, ARefusedSubmissionIsQuoted) {
  server_.submit_status = 422;
  const Result<LatencyFigures> figures = measure();
  ASSERT_FALSE(figures.ok());
  EXPECT_THAT(figures.status().message(), HasSubstr("POST /v1/jobs answered 422: {\"id\""));
}

TEST_F(Latency, ACancelThatIsRefusedIsNoted) {
  server_.cancel_status = 500;
  const Result<LatencyFigures> figures = measure();
  ASSERT_TRUE(figures.ok());
  EXPECT_THAT(figures->note, HasSubstr("POST /v1/jobs/cancel answered 500"));
}

TEST_F(Latency, AStopEndsTheWait) {
  clock_.stop_at = milliseconds(500);
  EXPECT_EQ(measure().status().code(), Code::cancelled);
}

TEST(LatencyPlan, AsksForTheComparedLadder) {
  LadderWork work = ladder_work(sample_source(), "fast");
  work.source.path = "/media/a b%.mp4";
  const LatencyPlan plan = latency_plan(work);
  const auto job = nlohmann::json::parse(plan.job);
  EXPECT_EQ(job["input"]["url"], "file:///media/a%20b%25.mp4");
  EXPECT_EQ(job["outputs"][0]["package"], (nlohmann::json{"hls", "dash"}));
  EXPECT_EQ(job["outputs"][0]["preset"], "fast");
  EXPECT_EQ(nlohmann::json::parse(plan.small_job)["outputs"][0]["type"], "file");
  EXPECT_THAT(plan.renditions, ::testing::ElementsAre("720p", "480p", "360p"));
}

TEST(LatencyPlaylist, StartsWithItsInitAndFirstSegment) {
  const auto start = start_of_playlist(
      "#EXTM3U\r\n#EXT-X-MAP:URI=\"init.mp4\",BYTERANGE=\"1@0\"\r\n#EXTINF:4,\r\n00001.m4s\r\n00002.m4s\r\n");
  ASSERT_TRUE(start);
  EXPECT_EQ(start->init, "init.mp4");
  EXPECT_EQ(start->segment, "00001.m4s");
  EXPECT_FALSE(start_of_playlist(""));
  EXPECT_FALSE(start_of_playlist("#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n"));
  EXPECT_FALSE(start_of_playlist("#EXTM3U\n00001.m4s\n"));
}

}  // namespace
}  // namespace millrace::bench
