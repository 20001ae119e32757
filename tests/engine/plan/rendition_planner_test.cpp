#include "engine/plan/rendition_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kFourSeconds = 360'000;

NormalisedVideo full_hd(bool is_hdr = false) { return {{1920, 1080}, {25, 1}, false, is_hdr}; }

AdaptiveOutput abr() {
  AdaptiveOutput output;
  output.name = "abr";
  return output;
}
FileOutput web() {
  FileOutput output;
  output.name = "web";
  return output;
}

std::vector<PlannedRendition> ladder_of(const AdaptiveOutput& output,
                                        const NormalisedVideo& video = full_hd()) {
  const auto renditions = RenditionPlanner(video, SegmentClock(kFourSeconds)).of_ladder(output, "outputs[0]");
  EXPECT_TRUE(renditions.ok()) << to_string(renditions.status());
  return renditions.value_or({});
}
PlannedRendition file_of(const FileOutput& output, const NormalisedVideo& video = full_hd()) {
  const auto rendition = RenditionPlanner(video, SegmentClock(kFourSeconds)).of_file(output, "outputs[0]");
  EXPECT_TRUE(rendition.ok()) << to_string(rendition.status());
  return rendition.value_or({});
}

TEST(RenditionPlanner, ALadderHasTheOutputsCodecUnlessARungSaysOtherwise) {
  AdaptiveOutput output = abr();
  output.codec = VideoCodec::vp9;
  output.preset = "slow";
  output.ladder = {{720, 2'000'000, {}, VideoCodec::h264}, {360, 0, {}, {}}};
  const auto ladder = ladder_of(output);
  EXPECT_EQ(ladder.at(0).codec, VideoCodec::h264);
  EXPECT_EQ(ladder.at(0).folder, "abr/720p");
  EXPECT_EQ(ladder.at(1).codec, VideoCodec::vp9);
  EXPECT_EQ(ladder.at(1).preset, "slow");
  EXPECT_EQ(ladder.at(1).bits_per_second, auto_bits_per_second(360, {25, 1}, VideoCodec::vp9));
  EXPECT_LT(ladder.at(1).bits_per_second, 800'000) << "VP9 needs fewer than H.264";
}

TEST(RenditionPlanner, RateControlIsWhatWasAskedFor) {
  AdaptiveOutput output = abr();
  Rung peak{1080, 4'000'000, {}, {}};
  peak.max_bits_per_second = 6'000'000;
  Rung quality{720, 0, {}, {}};
  quality.quality = 23;
  Rung capped{480, 0, {}, {}};
  capped.quality = 28.5;
  capped.max_bits_per_second = 500'000;
  output.ladder = {peak, quality, capped};
  const auto ladder = ladder_of(output);
  EXPECT_EQ(ladder.at(0).bits_per_second, 4'000'000);
  EXPECT_EQ(ladder.at(0).max_bits_per_second, 6'000'000);
  EXPECT_FALSE(ladder.at(0).quality);
  EXPECT_EQ(ladder.at(1).quality, 23);
  EXPECT_EQ(ladder.at(1).max_bits_per_second, 0);
  EXPECT_EQ(ladder.at(1).bits_per_second, 2'800'000) << "an estimate";
  EXPECT_EQ(ladder.at(2).quality, 28.5);
  EXPECT_EQ(ladder.at(2).max_bits_per_second, 500'000);
  EXPECT_EQ(ladder.at(2).bits_per_second, 500'000) << "no estimate is above the cap";
}

TEST(RenditionPlanner, AFilesRateControlIsTheSame) {
  FileOutput output = web();
  output.quality = 20;
  output.max_bits_per_second = 1'000'000;
  EXPECT_EQ(file_of(output).quality, 20);
  EXPECT_EQ(file_of(output).max_bits_per_second, 1'000'000);
  EXPECT_EQ(file_of(output).bits_per_second, 1'000'000);
  output = web();
  output.bits_per_second = 900'000;
  output.max_bits_per_second = 1'000'000;
  EXPECT_EQ(file_of(output).bits_per_second, 900'000);
}

struct GopCase {
  double gop_seconds;
  std::int64_t segment_ticks, gop_ticks;
};

TEST(RenditionPlanner, GopsFillASegmentEvenly) {
  for (const GopCase& each : {GopCase{0, 360'000, 0},
                              {4, 360'000, 0},
                              {2, 360'000, 180'000},
                              {1, 360'000, 90'000},
                              {0.5, 360'000, 45'000},
                              {2, 360'360, 180'180},  // 29.97 fps
                              {4, 360'360, 0},
                              {1, 360'360, 90'090},
                              {10, 360'000, 0}}) {
    AdaptiveOutput output = abr();
    output.gop_seconds = each.gop_seconds;
    const auto ladder =
        RenditionPlanner(full_hd(), SegmentClock(each.segment_ticks)).of_ladder(output, "outputs[0]");
    ASSERT_TRUE(ladder.ok());
    EXPECT_EQ(ladder->at(0).gop_ticks, each.gop_ticks) << each.gop_seconds;
  }
}

TEST(RenditionPlanner, KeptHdrIsTenBit) {
  AdaptiveOutput output = abr();
  output.codec = VideoCodec::av1;
  EXPECT_TRUE(ladder_of(output, full_hd(true)).at(0).ten_bit);
  EXPECT_FALSE(ladder_of(output, full_hd(false)).at(0).ten_bit);
}

TEST(RenditionPlanner, ACodecWithoutHdrIsRefusedWhereItIsKept) {
  AdaptiveOutput output = abr();
  output.codec = VideoCodec::hevc;
  output.ladder = {{720, 0, {}, {}}, {480, 0, {}, VideoCodec::h264}};
  Status status =
      RenditionPlanner(full_hd(true), SegmentClock(kFourSeconds)).of_ladder(output, "outputs[2]").status();
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_EQ(status.field(), "outputs[2].codec");
  EXPECT_THAT(status.message(), HasSubstr("h264 of 480p is 8 bit"));
  status = RenditionPlanner(full_hd(true), SegmentClock(kFourSeconds)).of_file(web(), "outputs[1]").status();
  EXPECT_EQ(status.field(), "outputs[1].video.codec");
}

class Fitting : public ::testing::Test {
 protected:
  Fitting() : ladder(ladder_of(abr())) {}

  std::string folder_for(const FileOutput& output, std::size_t adaptive = 100) {
    const PlannedRendition* found =
        fitting(output, file_of(output), ladder, std::min(adaptive, ladder.size()));
    return found == nullptr ? "none" : found->folder;
  }

  std::vector<PlannedRendition> ladder;
};

TEST_F(Fitting, AFileWithoutWishesTakesTheLargest) { EXPECT_EQ(folder_for(web()), "abr/1080p"); }

TEST_F(Fitting, WishesThatTheLadderMeetsNeedNoEncode) {
  FileOutput output = web();
  output.height = 720;
  EXPECT_EQ(folder_for(output), "abr/720p");
  output.bits_per_second = 2'800'000;
  EXPECT_EQ(folder_for(output), "abr/720p");
}

TEST_F(Fitting, WishesOfItsOwnNeedOne) {
  for (const auto& change : std::vector<std::function<void(FileOutput&)>>{
           [](FileOutput& f) { f.height = 540; }, [](FileOutput& f) { f.bits_per_second = 9'000'000; },
           [](FileOutput& f) { f.codec = VideoCodec::hevc; }, [](FileOutput& f) { f.preset = "slow"; },
           [](FileOutput& f) {
             f.max_frame_rate = {12, 1};
           },
           [](FileOutput& f) { f.quality = 20; }, [](FileOutput& f) { f.max_bits_per_second = 9'000'000; },
           [](FileOutput& f) { f.gop_seconds = 2; }}) {
    FileOutput output = web();
    change(output);
    EXPECT_EQ(folder_for(output), "none");
  }
}

TEST_F(Fitting, WhatAFileLeavesOpenTheLadderMayDecide) {
  for (PlannedRendition& each : ladder) {
    each.gop_ticks = 90'000;
    each.quality = 25;
    each.bits_per_second = 1'234'000;
  }
  EXPECT_EQ(folder_for(web()), "abr/1080p");
  EXPECT_EQ(folder_for(web(), 0), "none") << "another file may not";
}

}  // namespace
}  // namespace millrace::engine
