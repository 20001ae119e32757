// Whole jobs that lose their device in the middle of a rendition, by the real pipeline, packaging and
// receipt: what players find in the end, and what of it was made once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file.h"
#include "engine/verify/receipt.h"
#include "tests/engine/schedule/failing_device_job.h"
#include "tests/support/played_file.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr int kFrames = 150;  // six segments
constexpr const char* kOutputs = R"([
  {"name": "abr", "type": "adaptive", "segment_seconds": 1, "package": ["hls", "dash"], "preset": "veryfast",
   "ladder": [{"height": 128, "bitrate": "300k"}, {"height": 96, "bitrate": "200k"}]},
  {"name": "web", "type": "file", "video": {"height": 128, "bitrate": "300k", "preset": "veryfast"}},
  {"name": "stream", "type": "file", "container": "ts", "video": {"height": 128, "bitrate": "300k",
   "preset": "veryfast"}}])";

class StepDownJobTest : public testing::Test {
 protected:
  // The device gives up amidst this segment of both renditions.
  void both_fail_at(std::int64_t segment) { job_.fails_at({{"abr/128p", segment}, {"abr/96p", segment}}); }

  static test::SampleVideo pictures() {
    test::SampleVideo video;
    video.width = 192;
    video.height = 128;
    video.frames = kFrames;
    return video;
  }
  std::vector<int> headers(const std::string& track) {
    std::vector<int> numbers;
    for (const FinishedSegment& each : job_.segments_of(track)) numbers.push_back(each.headers);
    return numbers;
  }
  std::string text(const std::string& file) const {
    return read_file(job_.out() / file).value_or("(absent)");
  }

  // Every picture once, in order, at its time.
  void expect_whole(const fs::path& file) const {
    const auto played = test::play_file(file);
    ASSERT_FALSE(played.empty()) << file;
    ASSERT_THAT(played[0].track.frames, SizeIs(kFrames)) << file;
    const double zero = played[0].track.frames[0].seconds;
    for (int at = 0; at < kFrames; ++at) {
      EXPECT_EQ(played[0].track.frames[static_cast<std::size_t>(at)].number, at) << file;
      EXPECT_NEAR(played[0].track.frames[static_cast<std::size_t>(at)].seconds - zero, at / 25.0, 0.0011)
          << file;
    }
  }
  // By FFmpeg's own HLS demuxer, the files, and a deep look at all against the receipt.
  void expect_all_whole() const {
    for (const char* file : {"abr/128p/playlist.m3u8", "abr/96p/playlist.m3u8", "web.mp4", "stream.ts"})
      expect_whole(job_.out() / file);
    const auto checks = verify_folder(job_.out(), /*deep=*/true);
    ASSERT_TRUE(checks.ok()) << to_string(checks.status());
    for (const Check& each : *checks)
      EXPECT_TRUE(each.holds) << each.where << ": " << each.name << ": " << each.detail;
  }

  const test::TempFolder folder_;
  FailingDeviceJob job_{folder_.path(), pictures()};
};

TEST_F(StepDownJobTest, WithoutAFailureAllIsOfTheDeviceAndUnderOneHeader) {
  const auto receipt = job_.run(kOutputs);
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_EQ(job_.take_pictures_on_device(), 2 * kFrames);
  EXPECT_THAT(headers("abr/128p"), AllOf(SizeIs(6), Each(0)));
  EXPECT_FALSE(fs::exists(job_.out() / "abr/128p/init-2.mp4"));
  EXPECT_THAT(text("abr/128p/init.mp4"), HasSubstr("avc1"));
  EXPECT_THAT(text("abr/manifest.mpd"), Not(HasSubstr("Period id=\"1\"")));
  EXPECT_THAT((*receipt)["steps_down"], IsEmpty());
  EXPECT_FALSE((*receipt)["outputs"][0]["renditions"][0].contains("init_segments"));
  expect_all_whole();
}

TEST_F(StepDownJobTest, TheCpuGoesOnFromTheFirstSegmentThatIsLacking) {
  both_fail_at(3);
  const auto receipt = job_.run(kOutputs);
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  ASSERT_THAT(job_.retries(), SizeIs(1));
  EXPECT_EQ(job_.retries()[0].stage, "encode");
  EXPECT_THAT(job_.retries()[0].step_down, HasSubstr("encodes on cpu instead of vaapi:"));

  // What the device finished stays, in both renditions.
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 0, 1, 1, 1));
  EXPECT_THAT(headers("abr/96p"), ElementsAre(0, 0, 0, 1, 1, 1));

  EXPECT_THAT(text("abr/128p/playlist.m3u8"),
              AllOf(HasSubstr("#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:1.000000,\n00001.m4s\n"),
                    HasSubstr("#EXT-X-MAP:URI=\"init-2.mp4\"\n#EXTINF:1.000000,\n00004.m4s\n"),
                    Not(HasSubstr("DISCONTINUITY"))));
  EXPECT_THAT(text("abr/manifest.mpd"),
              AllOf(HasSubstr("<Period id=\"1\" start=\"PT3.000000S\">"),
                    HasSubstr("presentationTimeOffset=\"270000\" initialization=\"128p/init-2.mp4\"")));
  // Each period says what it has, the master playlist what covers both.
  EXPECT_THAT(text("abr/manifest.mpd"), AllOf(HasSubstr("codecs=\"avc1.42"), HasSubstr("codecs=\"avc1.64")));
  EXPECT_THAT(text("abr/master.m3u8"), AllOf(HasSubstr("CODECS=\"avc1.64"), Not(HasSubstr("avc1.42"))));
  const auto& said = (*receipt)["outputs"];
  EXPECT_EQ(said[0]["renditions"][0]["encoders"], 2);
  EXPECT_EQ(said[0]["renditions"][0]["init_segments"].dump(),
            R"([{"file":"init.mp4","first_segment":1,"segments":3},)"
            R"({"file":"init-2.mp4","first_segment":4,"segments":3}])");
  EXPECT_EQ(said[1]["encoders"], 2);
  EXPECT_THAT((*receipt)["steps_down"][0].get<std::string>(),
              AllOf(HasSubstr("encodes on cpu"), HasSubstr("incompatible client key (21)")));
  expect_all_whole();
  EXPECT_EQ(test::play_file(job_.out() / "web.mp4")[0].tag, "avc3");
}

TEST_F(StepDownJobTest, ARenditionThatLagsBehindChangesItsEncoderEarlier) {
  job_.fails_at({{"abr/128p", 3}, {"abr/96p", 2}});
  const auto receipt = job_.run(kOutputs);
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 0, 1, 1, 1));
  EXPECT_THAT(headers("abr/96p"), ElementsAre(0, 0, 1, 1, 1, 1));
  EXPECT_THAT(text("abr/manifest.mpd"),
              AllOf(HasSubstr("<Period id=\"1\" start=\"PT2.000000S\">"),
                    HasSubstr("presentationTimeOffset=\"180000\" initialization=\"96p/init-2.mp4\""),
                    HasSubstr("<Period id=\"2\" start=\"PT3.000000S\">"),
                    HasSubstr("presentationTimeOffset=\"270000\" initialization=\"128p/init-2.mp4\"")));
  expect_all_whole();
}

TEST_F(StepDownJobTest, ADeviceThatNeverMadeASegmentLeavesNoTrace) {
  both_fail_at(0);
  ASSERT_TRUE(job_.run(kOutputs).ok());
  EXPECT_THAT(headers("abr/128p"), AllOf(SizeIs(6), Each(0)));
  EXPECT_FALSE(fs::exists(job_.out() / "abr/128p/init-2.mp4"));
  expect_all_whole();
  EXPECT_EQ(test::play_file(job_.out() / "web.mp4")[0].tag, "avc1");
}

TEST_F(StepDownJobTest, AJobThatIsKilledAfterItsStepDownGoesOnWithTheSecondHeaders) {
  both_fail_at(2);
  job_.ledger.cut_at("abr/128p", 4);
  ASSERT_FALSE(job_.run(kOutputs).ok());
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 1, 1));
  EXPECT_TRUE(fs::exists(job_.out() / "abr/128p/00005.m4s"))
      << "it has its name already, and nobody knows of it";
  const auto before = job_.segments_of("abr/128p");
  job_.ledger.mend();
  job_.take_pictures_on_device();
  const auto receipt = job_.run(kOutputs, job_.retries());
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_EQ(job_.take_pictures_on_device(), 0) << "what was learnt holds for later attempts";
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 1, 1, 1, 1));
  const auto after = job_.segments_of("abr/128p");
  for (std::size_t at = 0; at < before.size(); ++at) EXPECT_EQ(after[at].sha256, before[at].sha256) << at;
  EXPECT_THAT((*receipt)["steps_down"], SizeIs(1));
  expect_all_whole();
}

// The step down was never booked: the device makes the rest, and its first headers come back.
TEST_F(StepDownJobTest, HeadersComeBackWithTheirEncoder) {
  both_fail_at(2);
  job_.ledger.cut_at("abr/128p", 4);
  ASSERT_FALSE(job_.run(kOutputs).ok());
  job_.ledger.mend();
  job_.works();
  const auto receipt = job_.run(kOutputs);
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 1, 1, 0, 0));
  EXPECT_FALSE(fs::exists(job_.out() / "abr/128p/init-3.mp4"));
  EXPECT_THAT(text("abr/manifest.mpd"), HasSubstr("start=\"PT4.000000S\">"));
  expect_all_whole();
}

TEST_F(StepDownJobTest, AnInitSegmentThatIsGoneTakesItsSegmentsAlone) {
  both_fail_at(2);
  job_.ledger.cut_at("abr/128p", 4);
  ASSERT_FALSE(job_.run(kOutputs).ok());
  fs::remove(job_.out() / "abr/128p/init-2.mp4");
  const auto before = job_.segments_of("abr/128p");
  job_.ledger.mend();
  ASSERT_TRUE(job_.run(kOutputs, job_.retries()).ok());
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 1, 1, 1, 1));
  EXPECT_EQ(job_.segments_of("abr/128p")[1].sha256, before[1].sha256);
  expect_all_whole();
}

TEST_F(StepDownJobTest, AnOtherInitSegmentThanTheReceiptsIsFound) {
  both_fail_at(3);
  ASSERT_TRUE(job_.run(kOutputs).ok());
  const auto broken = [&] {
    std::vector<std::string> where;
    const auto checks = verify_folder(job_.out(), /*deep=*/true);
    for (const Check& each : *checks)
      if (!each.holds) where.push_back(each.where);
    return where;
  };
  ASSERT_THAT(broken(), IsEmpty());
  const std::string second = text("abr/128p/init-2.mp4");
  ASSERT_TRUE(write_file(job_.out() / "abr/128p/init-2.mp4", text("abr/128p/init.mp4")).ok());
  EXPECT_THAT(broken(), Contains("abr/128p/init-2.mp4"));
  fs::remove(job_.out() / "abr/128p/init-2.mp4");
  EXPECT_THAT(broken(), AllOf(Contains("abr/128p/init-2.mp4"), Contains("abr/128p")));
  ASSERT_TRUE(write_file(job_.out() / "abr/128p/init-2.mp4", second).ok());
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(StepDownJobTest, HevcStepsDownToo) {
  job_.fails_at({{"abr/128p", 3}});
  const auto receipt = job_.run(R"([
    {"name": "abr", "type": "adaptive", "segment_seconds": 1, "codec": "hevc", "preset": "veryfast",
     "ladder": [{"height": 128, "bitrate": "300k"}]}])");
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 0, 1, 1, 1));
  expect_whole(job_.out() / "abr/128p/playlist.m3u8");
}

}  // namespace
}  // namespace millrace::engine
