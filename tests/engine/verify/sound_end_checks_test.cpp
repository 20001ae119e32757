#include "engine/verify/sound_end_checks.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Twenty seconds of pictures at 25 a second, and a sound of as many.
class SoundEndChecksTest : public testing::Test {
 protected:
  SoundEndChecksTest() {
    plan.source.video.resize(1);
    plan.source.video[0].frame_rate = {25, 1};
    plan.source.chosen_video = 0;
    plan.renditions.resize(1);
    plan.renditions[0].folder = "abr/720p";
    plan.sounds.resize(1);
    plan.sounds[0].folder = "abr/audio";
    for (std::int64_t index = 0; index < 5; ++index) {
      book("abr/720p", index, 90'000, 4 * 90'000);
      book("abr/audio", index, 48'000, 4 * 48'000);
    }
  }

  FinishedSegment& book(const std::string& track, std::int64_t index, std::int64_t timescale,
                        std::int64_t duration) {
    FinishedSegment segment;
    segment.track = track;
    segment.index = index;
    segment.timescale = timescale;
    segment.start = index * duration;
    segment.duration = duration;
    segments.push_back(segment);
    return segments.back();
  }
  // Leaves that many segments of the sound, cut after so many seconds.
  void cut(std::int64_t count, double seconds) {
    std::erase_if(segments,
                  [&](const auto& each) { return each.track == "abr/audio" && each.index >= count; });
    for (FinishedSegment& each : segments)
      if (each.track == "abr/audio" && each.index == count - 1)
        each.sound_cut_at = static_cast<std::int64_t>(seconds * 48'000);
  }
  Check check() const {
    const auto checks = sound_end_checks(plan, segments);
    EXPECT_EQ(checks.size(), 1U);
    return checks.empty() ? Check() : checks.front();
  }

  Plan plan;
  Segments segments;
};

TEST_F(SoundEndChecksTest, SoundThatEndsWithTheSourcesHoldsHoweverShortItIs) {
  EXPECT_EQ(check().name, "end of sound");
  EXPECT_EQ(check().where, "abr/audio");
  EXPECT_TRUE(check().holds);
  cut(1, 4);
  for (FinishedSegment& each : segments) each.sound_cut_at = -1;
  EXPECT_TRUE(check().holds);
  EXPECT_EQ(check().detail, "ends with the source's sound");
}

TEST_F(SoundEndChecksTest, SoundThatWasCutComesToThePicturesEnd) {
  cut(5, 20);
  EXPECT_TRUE(check().holds);
  EXPECT_EQ(check().detail, "cut at 20.000 s, the pictures end at 20.000 s");
  cut(5, 19.5);
  EXPECT_TRUE(check().holds) << "half a second is let pass";
  cut(5, 19.4);
  EXPECT_FALSE(check().holds);
  cut(1, 4);
  EXPECT_FALSE(check().holds);
  EXPECT_EQ(check().detail,
            "cut at 4.000 s although the source's sound goes on and the pictures end at 20.000 s");
}

TEST_F(SoundEndChecksTest, OfSlowPicturesTwoAreLetPass) {
  plan.source.video[0].frame_rate = {1, 2};
  cut(5, 16.1);
  EXPECT_TRUE(check().holds);
  cut(5, 15.9);
  EXPECT_FALSE(check().holds);
}

TEST_F(SoundEndChecksTest, WithoutPicturesItComesToTheTrimsEnd) {
  plan.renditions.clear();
  cut(1, 3);
  EXPECT_TRUE(check().holds) << "nothing says where it should end";
  plan.trim_from = 10 * kTicksPerSecond;
  plan.trim_to = 14 * kTicksPerSecond;
  EXPECT_THAT(check().detail, HasSubstr("the trim ends at 4.000 s"));
  EXPECT_FALSE(check().holds);
  cut(1, 4);
  EXPECT_TRUE(check().holds);
}

TEST_F(SoundEndChecksTest, AFileMadeInOneGoIsHeldToItsOwnPictures) {
  plan.renditions.clear();
  plan.sounds.clear();
  PlannedOutput file;
  file.type = PlannedOutput::Type::file;
  file.path = "old.ogg";
  file.in_one_go.emplace();
  file.in_one_go->picture.emplace();
  file.in_one_go->sound.emplace();
  plan.outputs.push_back(file);
  FinishedSegment& booked = book("old.ogg", 0, 90'000, 20 * 90'000);
  EXPECT_TRUE(check().holds);
  booked.sound_cut_at = 4 * 90'000;
  EXPECT_FALSE(check().holds);
  EXPECT_EQ(check().where, "old.ogg");
  booked.sound_cut_at = 20 * 90'000;
  EXPECT_TRUE(check().holds);
}

TEST_F(SoundEndChecksTest, ASoundThatWasLeftOutIsNotAskedFor) {
  std::erase_if(segments, [](const auto& each) { return each.track == "abr/audio"; });
  EXPECT_THAT(sound_end_checks(plan, segments), IsEmpty());
}

}  // namespace
}  // namespace millrace::engine
