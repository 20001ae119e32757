#include "engine/pipeline/stills.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "engine/base/sha256.h"
#include "tests/engine/pipeline/still_files.h"
#include "tests/engine/pipeline/tasks.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using test::make_sample;
using test::SampleVideo;
using testing::ElementsAre;
using testing::HasSubstr;

PlannedStills stills_at(std::vector<double> at) {
  PlannedStills stills;
  stills.at = std::move(at);
  stills.width = 96;
  stills.height = 64;
  return stills;
}

PlannedStills stills_every(double seconds) {
  PlannedStills stills = stills_at({});
  stills.every = seconds;
  return stills;
}

class StillsTest : public testing::Test {
 protected:
  Source source_of(const std::string& name, const SampleVideo& video) {
    make_sample(folder_ / name, video);
    const auto source = inspect(folder_ / name);
    if (!source.ok()) throw std::runtime_error(to_string(source.status()));
    return *source;
  }
  Result<TaskEnd> run(const Plan& plan, const std::string& out = "out", std::stop_token stop = {}) {
    observer_.tracks.clear();
    return run_stills({plan, 0, folder_ / out, {}}, observer_, stop);
  }
  // The numbers of the pictures that a run of this plan shows, in the order of its stills.
  std::vector<int> numbers(const Plan& plan) {
    const auto end = run(plan);
    EXPECT_TRUE(end.ok()) << to_string(end.status());
    std::vector<int> seen;
    if (!end.ok()) return seen;
    for (std::int64_t i = 0; i < end->end_segment; ++i)
      seen.push_back(see(folder_ / fmt::format("out/stills/{:04}.jpg", i + 1)).number());
    return seen;
  }

  const test::TempFolder folder_;
  RememberingObserver observer_;
};

class StillsInContainers : public StillsTest, public testing::WithParamInterface<const char*> {};

TEST_P(StillsInContainers, ShowThePictureOnShowThen) {
  SampleVideo video;
  video.frames = 100;
  const Source source = source_of(GetParam(), video);
  EXPECT_THAT(numbers(stills_plan(source, stills_at({0, 0.039, 0.041, 0.5, 1.999, 2.0, 3.1, 3.96}))),
              ElementsAre(0, 0, 1, 12, 49, 50, 77, 99));
}

INSTANTIATE_TEST_SUITE_P(Names, StillsInContainers,
                         testing::Values("a.mp4", "a.mkv", "a.mov", "a.ts", "a.h264"),
                         [](const auto& name) { return std::string(name.param).substr(2); });

TEST_F(StillsTest, EveryPictureOfAPyramidIsFound) {
  SampleVideo video;
  video.frames = 60;
  video.gop = 25;
  video.b_frames = 5;
  video.x264_params = "threads=1:b-adapt=0:b-pyramid=normal:ref=4:open-gop=1:scenecut=0";
  const Source source = source_of("a.mp4", video);
  std::vector<double> at;
  std::vector<int> expected;
  for (int i = 0; i < 60; ++i) {
    at.push_back(i * 0.04 + 0.01);
    expected.push_back(i);
  }
  EXPECT_EQ(numbers(stills_plan(source, stills_at(at))), expected);
  for (const int i : {3, 24, 25, 26, 31, 52, 59})
    EXPECT_THAT(numbers(stills_plan(source, stills_at({at[static_cast<std::size_t>(i)]}))), ElementsAre(i));
}

TEST_F(StillsTest, LeavingPicturesOutChangesNoPixel) {
  SampleVideo video;
  video.frames = 50;
  video.b_frames = 4;
  const Source source = source_of("a.mp4", video);
  PlannedStills every = stills_every(0.04);
  every.format = StillFormat::png;
  ASSERT_TRUE(run(stills_plan(source, every), "dense").ok());
  PlannedStills some = stills_at({0.44, 0.92, 1.2, 1.72});
  some.format = StillFormat::png;
  ASSERT_TRUE(run(stills_plan(source, some), "sparse").ok());
  const int pictures[] = {11, 23, 30, 43};
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(*read_file(folder_ / fmt::format("sparse/stills/{:04}.png", i + 1)),
              *read_file(folder_ / fmt::format("dense/stills/{:04}.png", pictures[i] + 1)))
        << pictures[i];
}

TEST_F(StillsTest, SeveralPlacesAtOnceGiveTheSameStills) {
  SampleVideo video;
  video.frames = 200;
  const Source source = source_of("a.mkv", video);
  PlannedStills stills = stills_every(0.2);
  stills.threads = 4;
  std::vector<int> expected;
  for (int i = 0; i < 40; ++i) expected.push_back(i * 5);
  EXPECT_EQ(numbers(stills_plan(source, stills)), expected);
  std::vector<std::int64_t> told;
  for (const FinishedSegment& each : observer_.tracks["stills"]) told.push_back(each.index);
  std::sort(told.begin(), told.end());
  ASSERT_EQ(told.size(), 40u);
  for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i], static_cast<std::int64_t>(i));
}

TEST_F(StillsTest, OnlyWhatIsNeededIsRead) {
  SampleVideo video;
  video.frames = 200;
  video.gop = 20;
  video.index_first = true;
  const Source source = source_of("a.mp4", video);
  std::fstream file(folder_ / "a.mp4", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(source.size_bytes * 55 / 100));
  file << std::string(static_cast<std::size_t>(source.size_bytes / 10), '\0');
  file.close();
  EXPECT_THAT(numbers(stills_plan(source, stills_at({0.2, 1.5, 7.8}))), ElementsAre(5, 37, 195));
  const auto damaged = run(stills_plan(source, stills_at({4.7})));
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.status().code(), Code::corrupt_input);
}

TEST_F(StillsTest, AVariableRateKeepsAPictureUntilTheNext) {
  SampleVideo video;
  video.frames = 6;
  video.pts = {0, 3000, 90'000, 93'000, 270'000, 300'000};
  for (const char* name : {"a.mp4", "a.mkv"}) {
    const Source source = source_of(name, video);
    EXPECT_THAT(numbers(stills_plan(source, stills_at({0.02, 0.04, 0.98, 1.0, 2.9, 3.0, 3.3}))),
                ElementsAre(0, 1, 1, 2, 3, 4, 4))
        << name;
  }
}

TEST_F(StillsTest, TheTrimIsTheClocksZero) {
  SampleVideo video;
  video.frames = 100;
  for (const char* name : {"a.mp4", "a.ts"}) {
    Plan plan = stills_plan(source_of(name, video), stills_every(0.4));
    plan.trim_from = 30 * 3600;
    plan.trim_to = 60 * 3600;
    EXPECT_THAT(numbers(plan), ElementsAre(30, 40, 50)) << name;
  }
}

TEST_F(StillsTest, ATrimInTheMiddleOfALongPictureBeginsWithIt) {
  SampleVideo video;
  video.frames = 4;
  video.pts = {0, 90'000, 270'000, 300'000};
  Plan plan = stills_plan(source_of("a.mp4", video), stills_at({0, 0.9, 1.1}));
  plan.trim_from = 180'000;
  EXPECT_THAT(numbers(plan), ElementsAre(1, 1, 2));
}

TEST_F(StillsTest, InterlacedPicturesAreTheRightOnesToo) {
  SampleVideo video;
  video.encoder = "mpeg2video";
  video.frames = 60;
  video.interlaced = true;
  for (const char* name : {"a.ts", "a.mp4"}) {
    const Source source = source_of(name, video);
    ASSERT_TRUE(source.main_video()->interlaced) << name;
    EXPECT_THAT(numbers(stills_plan(source, stills_at({0, 0.04, 0.41, 1.6, 2.36}))),
                ElementsAre(0, 1, 10, 40, 59))
        << name;
  }
}

TEST_F(StillsTest, ADeinterlacerSeesTheNeighbours) {
  SampleVideo video;
  video.encoder = "mpeg2video";
  video.frames = 60;
  video.interlaced = true;
  for (const char* name : {"a.ts", "a.mp4"}) {
    const Source source = source_of(name, video);
    PlannedStills every = stills_every(0.04);
    every.format = StillFormat::png;
    ASSERT_TRUE(run(stills_plan(source, every), "dense").ok());
    PlannedStills some = stills_at({0.44, 0.45, 1.24, 2.04});
    some.format = StillFormat::png;
    ASSERT_TRUE(run(stills_plan(source, some), "sparse").ok());
    const int pictures[] = {11, 11, 31, 51};
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(*read_file(folder_ / fmt::format("sparse/stills/{:04}.png", i + 1)),
                *read_file(folder_ / fmt::format("dense/stills/{:04}.png", pictures[i] + 1)))
          << name << " " << i;
  }
}

TEST_F(StillsTest, CoarseTimestampsLoseNoPicture) {
  const auto clip = test::real_clip("clips/crowd_480x360_11s.mp4");  // 30 units a second at 30 fps
  if (!clip) GTEST_SKIP() << "clips/crowd_480x360_11s.mp4 is not here; set MILLRACE_MEDIA";
  const auto source = inspect(*clip);
  ASSERT_TRUE(source.ok());
  for (const int threads : {1, 3}) {
    PlannedStills stills = stills_every(1.0 / 30);
    stills.threads = threads;
    ASSERT_TRUE(run(stills_plan(*source, stills)).ok());
    std::vector<FinishedSegment> told = observer_.tracks["stills"];
    ASSERT_GE(told.size(), 329u);
    for (const FinishedSegment& each : told) EXPECT_EQ(each.last_pts, each.index * 3000) << threads;
  }
}

TEST_F(StillsTest, TurnsThePictureUpright) {
  SampleVideo video;
  video.rotation_degrees = 90;  // the bars, numbered from the left, run from the top once it is upright
  PlannedStills stills = stills_at({0.2});
  stills.width = 64;
  stills.height = 96;
  ASSERT_TRUE(run(stills_plan(source_of("a.mp4", video), stills)).ok());
  const SeenStill still = see(folder_ / "out/stills/0001.jpg");
  EXPECT_EQ(still.width, 64);
  EXPECT_EQ(still.height, 96);
  std::string bars;
  for (int bar = 0; bar < 8; ++bar) bars += still.grey_at(32, bar * 12 + 6) > 125 ? '1' : '0';
  EXPECT_EQ(bars, "10100000");  // 5
}

TEST_F(StillsTest, AnExactSizeIsPaddedWithBlack) {
  const Source source = source_of("a.mp4", {});
  for (const StillFormat format : {StillFormat::jpg, StillFormat::png, StillFormat::webp}) {
    PlannedStills stills = stills_at({0.6});  // 15: the left bars are white
    stills.format = format;
    stills.width = 161;
    stills.height = 64;
    stills.pad = true;
    const auto end = run(stills_plan(source, stills));
    ASSERT_TRUE(end.ok()) << name_of(format) << to_string(end.status());
    const SeenStill still = see(folder_ / fmt::format("out/stills/0001.{}", name_of(format)));
    EXPECT_EQ(still.width, 161);
    EXPECT_EQ(still.height, 64);
    EXPECT_LT(still.grey_at(20, 32), 24) << name_of(format);
    EXPECT_GT(still.grey_at(40, 32), 190) << name_of(format);  // the picture begins at 32
    EXPECT_LT(still.grey_at(140, 32), 24) << name_of(format);
  }
}

TEST_F(StillsTest, SizesUpAndDownAndOdd) {
  const Source source = source_of("a.mp4", {});
  const std::pair<int, int> sizes[] = {{48, 32}, {192, 128}, {33, 23}, {2, 2}};
  for (const auto& [width, height] : sizes) {
    PlannedStills stills = stills_at({0.2});
    stills.width = width;
    stills.height = height;
    const auto end = run(stills_plan(source, stills));
    ASSERT_TRUE(end.ok()) << width << to_string(end.status());
    const SeenStill still = see(folder_ / "out/stills/0001.jpg");
    EXPECT_EQ(still.width, width);
    EXPECT_EQ(still.height, height);
    if (width > 16) {
      EXPECT_EQ(still.number(), 5) << width;
    }
  }
}

TEST_F(StillsTest, GreysKeepTheirValue) {
  const Source source = source_of("a.mp4", {});
  PlannedStills stills = stills_at({0.2});
  stills.format = StillFormat::png;
  ASSERT_TRUE(run(stills_plan(source, stills)).ok());
  const SeenStill still = see(folder_ / "out/stills/0001.png");
  // 210 and 40 of 16..235 are these of 0..255.
  EXPECT_NEAR(still.grey_at(6, 32), (210 - 16) * 255 / 219, 6);
  EXPECT_NEAR(still.grey_at(18, 32), (40 - 16) * 255 / 219, 6);
}

TEST_F(StillsTest, TellsEachFileWithItsDigest) {
  const auto end = run(stills_plan(source_of("a.mp4", {}), stills_every(0.7)));
  ASSERT_TRUE(end.ok()) << to_string(end.status());
  EXPECT_EQ(end->end_segment, 3);
  EXPECT_TRUE(end->end_of_source);
  const auto& told = observer_.tracks["stills"];
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[2].file, "stills/0003.jpg");
  EXPECT_EQ(told[2].start, 126'000);
  EXPECT_EQ(told[2].last_pts, 35 * 3600);
  EXPECT_EQ(told[2].frames, 1);
  EXPECT_EQ(told[2].sha256, *sha256_of_file(folder_ / "out/stills/0003.jpg"));
  EXPECT_EQ(told[2].bytes,
            static_cast<std::int64_t>(std::filesystem::file_size(folder_ / "out/stills/0003.jpg")));
  EXPECT_EQ(observer_.last_progress.frames, 3);
}

TEST_F(StillsTest, RunAgainItStartsOver) {
  const Source source = source_of("a.mp4", {});
  ASSERT_TRUE(run(stills_plan(source, stills_every(0.5))).ok());
  std::ofstream(folder_ / "out/stills/0002.jpg.tmp1.1") << "left by a killed worker";
  ASSERT_TRUE(run(stills_plan(source, stills_every(1))).ok());
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out/stills"))
    files += entry.exists();
  EXPECT_EQ(files, 2u);
}

TEST_F(StillsTest, ATimePastTheEndIsRefused) {
  const auto end = run(stills_plan(source_of("a.h264", {}), stills_at({1, 2.5})));
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.status().code(), Code::invalid_argument);
  EXPECT_THAT(end.status().message(), HasSubstr("stills: 2.500 s is past the end of the source, at 2.000 s"));
}

TEST_F(StillsTest, WithoutAKnownLengthEveryEndsWithThePictures) {
  const Source source = source_of("a.h264", {});
  EXPECT_THAT(numbers(stills_plan(source, stills_every(0.8))), ElementsAre(0, 20, 40));
}

TEST_F(StillsTest, StopsOnRequest) {
  std::stop_source stop;
  stop.request_stop();
  const auto end = run(stills_plan(source_of("a.mp4", {}), stills_every(0.1)), "out", stop.get_token());
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.status().code(), Code::cancelled);
}

TEST_F(StillsTest, AFailureOfTheObserverEndsTheTask) {
  observer_.on_segment = [](const FinishedSegment&) { return Status(Code::io_error, "the ledger is full"); };
  PlannedStills stills = stills_every(0.1);
  stills.threads = 2;
  const auto end = run(stills_plan(source_of("a.mp4", {}), stills));
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.status().message(), "the ledger is full");
}

TEST_F(StillsTest, SoundAloneIsRefused) {
  make_sample(folder_ / "a.m4a", std::nullopt, test::SampleSound{});
  const auto source = inspect(folder_ / "a.m4a");
  ASSERT_TRUE(source.ok());
  const auto end = run(stills_plan(*source, stills_at({0})));
  ASSERT_FALSE(end.ok());
  EXPECT_THAT(end.status().message(), HasSubstr("it has no picture to take stills of"));
}

TEST(StillRoads, TableOfRoads) {
  struct Case {
    int threads;
    std::int64_t stills;
    std::int64_t pixels;
    int roads;
  };
  const Case cases[] = {
      {1, 60, 1920 * 1080, 1}, {2, 60, 1920 * 1080, 2},  {2, 7, 1920 * 1080, 1},   {2, 8, 1920 * 1080, 2},
      {64, 60, 640 * 360, 8},  {64, 60, 1920 * 1080, 5}, {64, 60, 3840 * 2160, 1}, {0, 0, 0, 1},
  };
  for (const Case& c : cases)
    EXPECT_EQ(still_roads(c.threads, c.stills, c.pixels), c.roads)
        << c.threads << " " << c.stills << " " << c.pixels;
}

}  // namespace
}  // namespace millrace::engine
