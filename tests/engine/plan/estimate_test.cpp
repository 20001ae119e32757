#include "engine/plan/estimate.h"

#include <gtest/gtest.h>

#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

constexpr double kSeconds = 10;

Plan with_tracks() {
  Plan plan;
  plan.source = test::full_hd();
  PlannedRendition rendition;
  rendition.folder = "abr/720p";
  rendition.bits_per_second = 800'000;
  plan.renditions = {rendition};
  PlannedSound sound;
  sound.folder = "abr/audio";
  sound.bits_per_second = 80'000;
  plan.sounds = {sound};
  PlannedOutput adaptive;
  adaptive.renditions = {"abr/720p"};
  adaptive.sounds = {"abr/audio"};
  plan.outputs = {adaptive};
  return plan;
}

TEST(Estimate, SegmentsCountOnceAndJoinedFilesAgain) {
  Plan plan = with_tracks();
  EXPECT_EQ(estimate_bytes(plan, kSeconds), 1'100'000);
  PlannedOutput file = plan.outputs[0];
  file.type = PlannedOutput::Type::file;
  plan.outputs.push_back(file);
  EXPECT_EQ(estimate_bytes(plan, kSeconds), 2'200'000);
}

TEST(Estimate, FilesMadeInOneGoCountWhatTheyHold) {
  Plan plan = with_tracks();
  PlannedOutput alone;
  alone.type = PlannedOutput::Type::file;
  alone.in_one_go.emplace();
  alone.in_one_go->picture = plan.renditions[0];
  alone.in_one_go->sound = plan.sounds[0];
  plan.outputs = {alone};
  plan.renditions.clear();
  plan.sounds.clear();
  EXPECT_EQ(estimate_bytes(plan, kSeconds), 1'100'000);
}

TEST(Estimate, CopiesCountWhatTheSourceSays) {
  Plan plan = with_tracks();
  plan.source.video[0].bits_per_second = 4'000'000;
  PlannedOutput copy;
  copy.type = PlannedOutput::Type::file;
  copy.in_one_go.emplace().copy_video = true;
  plan.outputs = {copy};
  plan.renditions.clear();
  plan.sounds.clear();
  EXPECT_EQ(estimate_bytes(plan, kSeconds), 5'000'000);
  plan.source.video[0].bits_per_second = 0;
  EXPECT_EQ(estimate_bytes(plan, kSeconds), plan.source.size_bytes) << "never more than all of it";
}

TEST(Estimate, StillsCountByTheirPixels) {
  Plan plan;
  PlannedOutput stills;
  stills.type = PlannedOutput::Type::thumbnails;
  stills.stills.width = 200;
  stills.stills.height = 100;
  stills.stills.every = 1;
  plan.outputs = {stills};
  EXPECT_EQ(estimate_bytes(plan, kSeconds), 30'000);
  plan.outputs[0].stills.format = StillFormat::png;
  EXPECT_EQ(estimate_bytes(plan, kSeconds), 300'000);
}

TEST(Estimate, AnUnknownLengthGivesNone) { EXPECT_EQ(estimate_bytes(with_tracks(), 0), 0); }

// Measured with the program, 1080p sources: 594 MB for the ladder of four, 934 MB with more look-ahead, 156
// MB for 360p alone, 404 MB for AV1 in 720p.
TEST(Estimate, MemoryIsThatOfTheWorkersAndRatherHigh) {
  const auto with = [](std::vector<std::pair<int, int>> sizes, VideoCodec codec) {
    Plan plan;
    plan.source = test::full_hd();
    for (const auto& [width, height] : sizes) {
      PlannedRendition each;
      each.width = width;
      each.height = height;
      each.codec = codec;
      plan.renditions.push_back(each);
    }
    return static_cast<double>(estimate_memory(plan)) / 1e6;
  };
  EXPECT_NEAR(with({{1920, 1080}, {1280, 720}, {854, 480}, {640, 360}}, VideoCodec::h264), 1017, 20);
  EXPECT_NEAR(with({{640, 360}}, VideoCodec::h264), 200, 20);
  EXPECT_NEAR(with({{1280, 720}}, VideoCodec::av1), 449, 20);
  Plan sound;
  sound.sounds.resize(2);
  EXPECT_EQ(estimate_memory(sound), 128'000'000);
}

}  // namespace
}  // namespace millrace::engine
