#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/pipeline/real_time_pace.h"
#include "engine/plan/stage.h"
#include "tests/engine/pipeline/images.h"
#include "tests/engine/pipeline/run_range_case.h"

namespace millrace::engine {
namespace {

using test::make_sample;
using test::play;
using test::PlayedTrack;
using testing::HasSubstr;

TEST_F(RunRangeTest, MakesEveryFrameOnceInEveryRendition) {
  test::SampleVideo video;
  video.frames = 80;
  make_sample(folder_ / "a.mp4", video);
  const Plan plan = inspected(folder_ / "a.mp4");
  const TaskEnd end = run(plan, folder_ / "out");
  EXPECT_EQ(end.end_segment, 4);
  EXPECT_TRUE(end.end_of_source);
  EXPECT_NEAR(end.media_seconds, 3.2, 1e-9);
  EXPECT_GT(end.peak_memory_bytes, 1'000'000);
  EXPECT_EQ(observer_.last_progress.frames, 80);
  for (const char* track : {"large", "small"}) {
    const PlayedTrack played = play(folder_ / "out" / track);
    EXPECT_EQ(numbers(played), counted(80)) << track;
    ASSERT_EQ(played.frames.size(), 80u);
    for (std::size_t i = 0; i < 80; ++i)
      EXPECT_NEAR(played.frames[i].seconds, static_cast<double>(i) / 25, 1e-6);
    for (std::size_t i = 1; i < 80; ++i)
      EXPECT_EQ(played.packets[i].dts - played.packets[i - 1].dts, 3600) << i;
  }
  EXPECT_EQ(play(folder_ / "out/small").frames[0].width, 64);
}

TEST_F(RunRangeTest, EndsAtAnEdgeWhenItIsEnoughAndTheRestJoins) {
  test::SampleVideo video;
  video.frames = 80;
  make_sample(folder_ / "a.mp4", video);
  const Plan plan = inspected(folder_ / "a.mp4");
  observer_.end_at_edge.request_stop();
  // The larger one has a segment more: both have one of their own by then.
  const auto begun = run_range({plan, 0, -1, folder_ / "out", {1, 0}}, observer_, {});
  ASSERT_TRUE(begun.ok()) << to_string(begun.status());
  EXPECT_EQ(begun->end_segment, 2);
  EXPECT_FALSE(begun->end_of_source);
  EXPECT_EQ(observer_.tracks["large"].size(), 1u);
  EXPECT_EQ(observer_.tracks["small"].size(), 2u);
  observer_.end_at_edge = {};
  run(plan, folder_ / "out", 2);
  const PlayedTrack played = play(folder_ / "out/small");
  EXPECT_EQ(numbers(played), counted(80));
}

TEST_F(RunRangeTest, AStageOnADeviceThatThisBuildCannotDriveIsRefusedAndNamed) {
  test::SampleVideo video;
  video.frames = 10;
  make_sample(folder_ / "a.mp4", video);
  Plan plan = inspected(folder_ / "a.mp4");
  plan.renditions[1].encode_device = "tpu:0";
  const Status status = run_range({plan, 0, -1, folder_ / "out", {}}, observer_, {}).status();
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_EQ(blamed_stage(status), Stage::encode);
  EXPECT_EQ(status.message(), "encode on tpu:0: this build has no backend for it");
  EXPECT_TRUE(observer_.tracks.empty());
}

TEST(RealTimePace, WaitsForWhatIsNotYetDueAndNeverLong) {
  const RealTimePace::Time begin{std::chrono::seconds(100)};
  const RealTimePace pace(begin, 2 * kTicksPerSecond);
  using std::chrono::milliseconds;
  EXPECT_EQ(pace.wait(0, begin), milliseconds(0)) << "pictures before the range";
  EXPECT_EQ(pace.wait(2 * kTicksPerSecond, begin), milliseconds(0));
  EXPECT_EQ(pace.wait(2 * kTicksPerSecond + 3600, begin), milliseconds(40));
  EXPECT_EQ(pace.wait(2 * kTicksPerSecond + 3600, begin + milliseconds(30)), milliseconds(10));
  EXPECT_EQ(pace.wait(2 * kTicksPerSecond + 3600, begin + milliseconds(50)), milliseconds(0)) << "behind";
  EXPECT_EQ(pace.wait(9 * kTicksPerSecond, begin), milliseconds(100));
}

TEST_F(RunRangeTest, APacedRangeReadsNoFasterThanThePicturesPlay) {
  test::SampleVideo video;
  video.frames = 12;
  make_sample(folder_ / "a.mp4", video);
  Plan plan = inspected(folder_ / "a.mp4");
  plan.real_time = true;
  const auto begin = std::chrono::steady_clock::now();
  const TaskEnd end = run(plan, folder_ / "out");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(300))
      << "all but those that are decoded ahead";
  EXPECT_TRUE(end.end_of_source);
  EXPECT_EQ(numbers(play(folder_ / "out/small")), counted(12));
}

TEST_F(RunRangeTest, ARenditionThatHasItsFirstSegmentsJoinsLater) {
  test::SampleVideo video;
  video.frames = 80;
  make_sample(folder_ / "a.mp4", video);
  const Plan plan = inspected(folder_ / "a.mp4");
  const auto head = run_range({plan, 0, 1, folder_ / "out", {1, 0}}, observer_, {});
  ASSERT_TRUE(head.ok()) << to_string(head.status());
  EXPECT_FALSE(head->end_of_source);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out/large"));
  ASSERT_EQ(observer_.tracks["small"].size(), 1u);

  const auto rest = run_range({plan, 0, -1, folder_ / "out", {0, 1}}, observer_, {});
  ASSERT_TRUE(rest.ok()) << to_string(rest.status());
  EXPECT_TRUE(rest->end_of_source);
  EXPECT_EQ(observer_.tracks["large"].size(), 4u);
  ASSERT_EQ(observer_.tracks["small"].size(), 4u);
  EXPECT_EQ(observer_.tracks["small"][1].index, 1);
  for (const char* track : {"large", "small"}) {
    const PlayedTrack played = play(folder_ / "out" / track);
    EXPECT_EQ(numbers(played), counted(80)) << track;
    for (std::size_t i = 1; i < played.packets.size(); ++i)
      EXPECT_EQ(played.packets[i].dts - played.packets[i - 1].dts, 3600) << track << i;
  }
}

TEST_F(RunRangeTest, WhatOtherRenditionsThanThePlansLackIsRefused) {
  test::SampleVideo video;
  make_sample(folder_ / "a.mp4", video);
  const Plan plan = inspected(folder_ / "a.mp4");
  EXPECT_EQ(run_range({plan, 0, -1, folder_ / "out", {0}}, observer_, {}).status().code(),
            Code::invalid_argument);
  EXPECT_EQ(run_range({plan, 1, -1, folder_ / "out", {1, 0}}, observer_, {}).status().code(),
            Code::invalid_argument);
}

TEST_F(RunRangeTest, ReportsWhatLiesOnTheDisk) {
  test::SampleVideo video;
  video.frames = 60;
  make_sample(folder_ / "a.mp4", video);
  run(inspected(folder_ / "a.mp4"), folder_ / "out");
  for (const auto& [track, segments] : observer_.tracks) {
    ASSERT_EQ(segments.size(), 3u) << track;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const FinishedSegment& segment = segments[i];
      EXPECT_EQ(segment.index, static_cast<std::int64_t>(i));
      EXPECT_EQ(segment.start, segment.index * 90'000);
      EXPECT_EQ(segment.duration, i < 2 ? 90'000 : 36'000);
      EXPECT_EQ(segment.frames, i < 2 ? 25 : 10);
      EXPECT_EQ(segment.frames_in, segment.frames);
      EXPECT_EQ(segment.last_pts, segment.start + segment.duration - 3600);
      EXPECT_TRUE(segment.opens_with_idr);
      const auto bytes = read_file(folder_ / "out" / segment.file);
      ASSERT_TRUE(bytes.ok());
      EXPECT_EQ(segment.bytes, static_cast<std::int64_t>(bytes->size()));
      EXPECT_EQ(segment.sha256, sha256_of(*bytes));
    }
  }
}

// The same source made as one range and as three, by several rates and containers.
struct Join {
  const char* name;
  int rate;
  int rate_base;
  bool variable;
};
class RunRangeJoinTest : public RunRangeTest, public testing::WithParamInterface<Join> {};

TEST_P(RunRangeJoinTest, RangesJoinWithoutASeam) {
  const Join& join = GetParam();
  test::SampleVideo video;
  video.frames = 110;
  video.rate = join.rate;
  video.rate_base = join.rate_base;
  video.gop = 17;
  for (int i = 0; join.variable && i < video.frames; ++i)
    video.pts.push_back(i * 3600 + i % 3 * 400 + (i >= 60 ? 30'000 : 0));
  make_sample(folder_ / join.name, video);
  const Plan plan = inspected(folder_ / join.name);
  run(plan, folder_ / "one");
  // Out of order, as workers would.
  const TaskEnd last = run(plan, folder_ / "three", 3, -1);
  EXPECT_TRUE(last.end_of_source);
  const TaskEnd first = run(plan, folder_ / "three", 0, 1);
  EXPECT_FALSE(first.end_of_source);
  EXPECT_EQ(first.end_segment, 1);
  run(plan, folder_ / "three", 1, 3);
  for (const char* track : {"large", "small"}) {
    EXPECT_EQ(read_file(folder_ / "one" / track / "init.mp4").value(),
              read_file(folder_ / "three" / track / "init.mp4").value());
    const PlayedTrack one = play(folder_ / "one" / track);
    const PlayedTrack three = play(folder_ / "three" / track);
    EXPECT_EQ(numbers(one), counted(110));
    EXPECT_EQ(numbers(three), counted(110));
    ASSERT_EQ(one.frames.size(), three.frames.size());
    for (std::size_t i = 0; i < one.frames.size(); ++i)
      EXPECT_DOUBLE_EQ(one.frames[i].seconds, three.frames[i].seconds) << i;
    for (std::size_t i = 1; i < three.packets.size(); ++i)
      EXPECT_LT(three.packets[i - 1].dts, three.packets[i].dts) << i;
    for (std::size_t i = 0; join.variable && i < one.frames.size(); ++i)
      EXPECT_NEAR(one.frames[i].seconds, static_cast<double>(video.pts[i]) / 90'000, 0.0011) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Sources, RunRangeJoinTest,
                         testing::Values(Join{"a.mp4", 25, 1, false}, Join{"b.mp4", 30000, 1001, false},
                                         Join{"c.mkv", 30000, 1001, false}, Join{"d.mp4", 24000, 1001, false},
                                         Join{"e.ts", 25, 1, false}, Join{"f.mp4", 25, 1, true},
                                         Join{"g.mkv", 25, 1, true}));

TEST_F(RunRangeTest, ARangeBehindAKeyFrameThatIsNoIdrHasItsReferences) {
  test::SampleVideo video;
  video.frames = 110;
  video.b_frames = 3;
  video.x264_params = "threads=1:open-gop=1:b-pyramid=normal:ref=4";
  make_sample(folder_ / "a.mp4", video);
  const Plan plan = inspected(folder_ / "a.mp4");
  for (std::int64_t first = 4; first >= 0; --first)
    run(plan, folder_ / "out", first, first == 4 ? -1 : first + 1);
  EXPECT_EQ(numbers(play(folder_ / "out/large")), counted(110));
}

TEST_F(RunRangeTest, OpensEmptySegmentsOfALongStillWithItsPicture) {
  test::SampleVideo video;
  video.frames = 6;
  video.pts = {0, 3600, 7200, 400'000, 403'600, 407'200};
  make_sample(folder_ / "a.mp4", video);
  Plan plan = inspected(folder_ / "a.mp4");
  plan.clock = SegmentClock(90'000);
  run(plan, folder_ / "one");
  EXPECT_EQ(numbers(play(folder_ / "one/small")), (std::vector<int>{0, 1, 2, 2, 2, 2, 3, 4, 5}));
  run(plan, folder_ / "two", 0, 2);
  run(plan, folder_ / "two", 2, -1);
  EXPECT_EQ(numbers(play(folder_ / "two/small")), (std::vector<int>{0, 1, 2, 2, 2, 2, 3, 4, 5}));
}

TEST_F(RunRangeTest, DropsFramesAboveALimitEvenly) {
  test::SampleVideo video;
  video.rate = 50;
  video.frames = 100;
  make_sample(folder_ / "a.mp4", video);
  Plan plan = inspected(folder_ / "a.mp4");
  plan.renditions[1].max_frame_rate = {25, 1};
  plan.renditions[1].frame_rate = {25, 1};
  run(plan, folder_ / "out");
  EXPECT_EQ(play(folder_ / "out/large").frames.size(), 100u);
  const std::vector<int> shown = numbers(play(folder_ / "out/small"));
  ASSERT_EQ(shown.size(), 50u);
  for (std::size_t i = 0; i < shown.size(); ++i) EXPECT_EQ(shown[i], static_cast<int>(2 * i));
}

// Frames 10 to 59 of 80, made as one range and as three; "b.mkv" and "d.ts" and "e.h264" begin elsewhere than
// mp4.
class RunRangeTrimTest : public RunRangeTest, public testing::WithParamInterface<const char*> {};

TEST_P(RunRangeTrimTest, KeepsExactlyTheFramesBetweenItsEdges) {
  test::SampleVideo video;
  video.frames = 80;
  make_sample(folder_ / GetParam(), video);
  Plan plan = inspected(folder_ / GetParam());
  plan.trim_from = 10 * 3600;
  plan.trim_to = 60 * 3600;
  const TaskEnd end = run(plan, folder_ / "one");
  EXPECT_TRUE(end.end_of_source);
  EXPECT_EQ(end.end_segment, 2);
  EXPECT_NEAR(end.media_seconds, 2, 1e-9);
  run(plan, folder_ / "two", 1, -1);
  EXPECT_FALSE(run(plan, folder_ / "two", 0, 1).end_of_source);
  std::vector<int> expected;
  for (int i = 10; i < 60; ++i) expected.push_back(i);
  for (const char* folder : {"one/large", "one/small", "two/large", "two/small"}) {
    const PlayedTrack played = play(folder_ / folder);
    EXPECT_EQ(numbers(played), expected) << folder;
    for (std::size_t i = 0; i < played.frames.size(); ++i)
      EXPECT_NEAR(played.frames[i].seconds, static_cast<double>(i) / 25, 1e-6) << folder;
  }
}

INSTANTIATE_TEST_SUITE_P(Sources, RunRangeTrimTest, testing::Values("a.mp4", "b.mkv", "c.ts", "d.h264"));

TEST_F(RunRangeTest, ATrimOfAVariableRateOpensWithThePictureOnShow) {
  test::SampleVideo video;
  video.frames = 6;
  video.pts = {0, 3600, 7200, 100'000, 250'000, 253'600};
  make_sample(folder_ / "a.mp4", video);
  Plan plan = inspected(folder_ / "a.mp4");
  plan.clock = SegmentClock(90'000);
  plan.trim_from = 50'000;
  plan.trim_to = 240'000;
  const TaskEnd end = run(plan, folder_ / "out");
  EXPECT_NEAR(end.media_seconds, 190'000.0 / 90'000, 1e-9);
  const PlayedTrack played = play(folder_ / "out/small");
  EXPECT_EQ(numbers(played), (std::vector<int>{2, 3, 3, 3}));
  ASSERT_EQ(played.frames.size(), 4u);
  EXPECT_NEAR(played.frames[0].seconds, 0, 1e-6);
  EXPECT_NEAR(played.frames[1].seconds, 50'000.0 / 90'000, 1e-4);
  EXPECT_NEAR(played.frames[2].seconds, 1, 1e-6);
}

TEST_F(RunRangeTest, LaysOverlaysOverEveryRenditionAtItsOwnSize) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{});
  write_png(folder_ / "white.png", 8, 8, Rgba{255, 255, 255, 255});
  Plan plan = inspected(folder_ / "a.mp4");
  PlannedOverlay overlay;
  overlay.url = folder_ / "white.png";
  overlay.anchor = Overlay::Anchor::right;  // the last bar of the number: 128 more
  overlay.width = 0.125;
  overlay.height = 1;
  overlay.from = 10 * 3600;
  overlay.to = 20 * 3600;
  plan.overlays.push_back(overlay);
  run(plan, folder_ / "out");
  for (const char* track : {"large", "small"}) {
    std::vector<int> expected = counted(50);
    for (std::size_t i = 10; i < 20; ++i) expected[i] += 128;
    EXPECT_EQ(numbers(play(folder_ / "out" / track)), expected) << track;
  }
  plan.overlays[0].url = folder_ / "none.png";
  const auto refused = run_range({plan, 0, -1, folder_ / "none", {}}, observer_, {});
  EXPECT_EQ(refused.status().code(), Code::not_found);
  EXPECT_THAT(refused.status().message(), HasSubstr("none.png"));
}

TEST_F(RunRangeTest, RunsTheNormalisingFilter) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{});
  Plan plan = inspected(folder_ / "a.mp4");
  plan.normalisations.push_back({"mirror", "hflip", "for the test"});
  run(plan, folder_ / "out");
  // Bars from right to left: bit 7 of the number is on the left now.
  EXPECT_EQ(play(folder_ / "out/large").frames.at(1).number, 128);
}

TEST_F(RunRangeTest, ReadsRawStreamsAndOddContainers) {
  for (const char* name : {"a.h264", "a.avi", "a.ts"}) {
    test::SampleVideo video;
    if (std::string(name) == "a.avi") video.encoder = "mpeg4";
    make_sample(folder_ / name, video);
    const std::filesystem::path out = folder_ / (std::string(name) + ".out");
    run(inspected(folder_ / name), out);
    EXPECT_EQ(numbers(play(out / "large")), counted(50)) << name;
  }
}

TEST_F(RunRangeTest, RefusesAFileThatChanged) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{});
  Plan plan = inspected(folder_ / "a.mp4");
  plan.source.size_bytes += 1;
  const auto result = run_range({plan, 0, -1, folder_ / "out", {}}, observer_, {});
  EXPECT_EQ(result.status().code(), Code::corrupt_input);
  EXPECT_THAT(result.status().message(), HasSubstr("changed"));
}

TEST_F(RunRangeTest, StopsOnRequestAndLeavesWholeSegments) {
  test::SampleVideo video;
  video.frames = 250;
  make_sample(folder_ / "a.mp4", video);
  const Plan plan = inspected(folder_ / "a.mp4");
  std::stop_source stop;
  observer_.on_segment = [&](const FinishedSegment& segment) {
    if (segment.index == 1) stop.request_stop();
    return Status();
  };
  const auto result = run_range({plan, 0, -1, folder_ / "out", {}}, observer_, stop.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), Code::cancelled);
  for (const auto& [track, segments] : observer_.tracks)
    for (const FinishedSegment& segment : segments)
      EXPECT_EQ(sha256_of_file(folder_ / "out" / segment.file).value(), segment.sha256);
}

TEST_F(RunRangeTest, EndsWhenTheObserverFails) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{});
  observer_.on_segment = [](const FinishedSegment&) { return Status(Code::device_lost, "nobody listens"); };
  const auto result = run_range({inspected(folder_ / "a.mp4"), 0, -1, folder_ / "out", {}}, observer_, {});
  EXPECT_EQ(result.status().message(), "nobody listens");
}

TEST_F(RunRangeTest, KeepsAnInitOfTheSameBytesAndRefusesAnother) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{});
  const Plan plan = inspected(folder_ / "a.mp4");
  run(plan, folder_ / "out");
  run(plan, folder_ / "out");
  ASSERT_TRUE(write_file(folder_ / "out/small/init.mp4", "something else").ok());
  const auto result = run_range({plan, 0, -1, folder_ / "out", {}}, observer_, {});
  EXPECT_EQ(result.status().code(), Code::internal);
  EXPECT_THAT(result.status().message(), HasSubstr("init.mp4"));
}

// A limit on the size of files stands for a disk that is full.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_ = SIG_DFL;
};

TEST_F(RunRangeTest, TellsThatTheDiskIsFull) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{});
  const Plan plan = inspected(folder_ / "a.mp4");
  for (const rlim_t bytes : {rlim_t{100}, rlim_t{1500}}) {
    Result<TaskEnd> result = TaskEnd{};
    {
      const SmallFiles limit(bytes);
      result = run_range({plan, 0, -1, folder_ / "out", {}}, observer_, {});
    }
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.status().code(), Code::resource_exhausted) << to_string(result.status());
    EXPECT_THAT(result.status().message(), HasSubstr("out"));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "out"))
      EXPECT_EQ(entry.path().native().find(".tmp"), std::string::npos) << entry.path();
  }
}

TEST_F(RunRangeTest, TellsThatItCannotWrite) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{});
  const Plan plan = inspected(folder_ / "a.mp4");
  ASSERT_TRUE(write_file(folder_ / "out", "a file where the folder should be").ok());
  const auto result = run_range({plan, 0, -1, folder_ / "out", {}}, observer_, {});
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.status().message(), HasSubstr("out"));
}

}  // namespace
}  // namespace millrace::engine
