#include "engine/verify/track_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kFrame = 3600;  // 25 a second

// Two renditions of 25 frames a second in three segments, the last one short, and a sound.
class TrackChecksTest : public testing::Test {
 protected:
  TrackChecksTest() {
    plan.clock = SegmentClock(100 * kFrame);
    for (const char* folder : {"abr/720p", "abr/360p"}) {
      PlannedRendition rendition;
      rendition.folder = folder;
      plan.renditions.push_back(rendition);
      for (std::int64_t index = 0; index < 3; ++index) {
        FinishedSegment segment;
        segment.track = folder;
        segment.index = index;
        segment.frames = segment.frames_in = index == 2 ? 40 : 100;
        segment.start = index * 100 * kFrame;
        segment.duration = segment.frames * kFrame;
        segment.last_pts = segment.start + segment.duration - kFrame;
        segment.bytes = 1000;
        segment.sha256 = "ab";
        segment.opens_with_idr = true;
        segments.push_back(segment);
      }
    }
    PlannedSound sound;
    sound.folder = "abr/audio";
    plan.sounds.push_back(sound);
    for (std::int64_t index = 0; index < 2; ++index) {
      FinishedSegment segment;
      segment.track = "abr/audio";
      segment.index = index;
      segment.timescale = 48'000;
      segment.start = index * 192'512;
      segment.duration = segment.frames = segment.frames_in = 192'512;
      segment.sha256 = "cd";
      segment.opens_with_idr = true;
      segments.push_back(segment);
    }
  }

  FinishedSegment& at(const std::string& track, std::int64_t index) {
    for (FinishedSegment& each : segments)
      if (each.track == track && each.index == index) return each;
    std::abort();
  }

  // The checks that do not hold, as "name | where | detail".
  std::vector<std::string> broken() const {
    std::vector<std::string> lines;
    for (const Check& each : track_checks(plan, segments))
      if (!each.holds) lines.push_back(each.name + " | " + each.where + " | " + each.detail);
    return lines;
  }
  void expect_broken(const std::string& text) const {
    EXPECT_THAT(broken(), testing::Contains(HasSubstr(text))) << testing::PrintToString(broken());
  }

  Plan plan;
  Segments segments;
};

TEST_F(TrackChecksTest, AWholeJobHoldsInAnyOrder) {
  EXPECT_THAT(broken(), IsEmpty());
  std::reverse(segments.begin(), segments.end());
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(TrackChecksTest, ASummaryAddsUpATrack) {
  const TrackSummary summary = summary_of("abr/720p", segments);
  EXPECT_EQ(summary.segments, 3);
  EXPECT_EQ(summary.frames_in, 240);
  EXPECT_EQ(summary.frames_out, 240);
  EXPECT_EQ(summary.first_pts, 0);
  EXPECT_EQ(summary.last_pts, 239 * kFrame);
  EXPECT_EQ(summary.bytes, 3000);
  EXPECT_DOUBLE_EQ(summary.duration_seconds(), 9.6);
  EXPECT_EQ(summary_of("abr/none", segments).segments, 0);
}

TEST_F(TrackChecksTest, AMissingSegmentIsNamed) {
  std::erase_if(segments, [](const auto& each) { return each.track == "abr/360p" && each.index == 1; });
  expect_broken("contiguous segments | abr/360p | 00002.m4s is missing");
  expect_broken("equal grid | abr/360p | 2 segments, abr/720p has 3");
}

TEST_F(TrackChecksTest, ARenditionWithoutSegmentsIsBroken) {
  std::erase_if(segments, [](const auto& each) { return each.track == "abr/720p"; });
  expect_broken("contiguous segments | abr/720p | no segment is finished");
}

TEST_F(TrackChecksTest, ASegmentThatStandsTwiceIsNamed) {
  segments.push_back(at("abr/720p", 1));
  expect_broken("contiguous segments | abr/720p | 00002.m4s stands twice");
}

TEST_F(TrackChecksTest, AGapBetweenSegmentsIsNamed) {
  at("abr/720p", 1).duration -= 1;
  expect_broken("contiguous segments | abr/720p | 00002.m4s ends at");
}

TEST_F(TrackChecksTest, ASegmentWithoutAnIdrIsNamed) {
  at("abr/360p", 2).opens_with_idr = false;
  expect_broken("IDR grid | abr/360p | 00003.m4s");
}

TEST_F(TrackChecksTest, ASegmentOffTheGridIsNamed) {
  for (const char* track : {"abr/720p", "abr/360p"}) {
    at(track, 0).duration -= kFrame;
    at(track, 1).start -= kFrame;
    at(track, 1).duration += kFrame;
  }
  expect_broken("IDR grid | abr/720p | 00002.m4s begins at 3.960 s");
}

TEST_F(TrackChecksTest, RenditionsMustBeginTheirSegmentsTogether) {
  at("abr/360p", 0).duration += kFrame;
  at("abr/360p", 1).start += kFrame;
  at("abr/360p", 1).duration -= kFrame;
  expect_broken("equal grid | abr/360p | 00002.m4s begins at 4.040 s, in abr/720p at 4.000 s");
}

TEST_F(TrackChecksTest, ALostFrameIsFound) {
  at("abr/360p", 1).frames = 99;
  EXPECT_THAT(broken(), testing::ElementsAre("frames out = frames in | abr/360p | 240 in, 239 out"));
}

TEST_F(TrackChecksTest, ADoubledFrameIsFound) {
  at("abr/360p", 1).frames = 101;
  expect_broken("frames out = frames in | abr/360p");
}

TEST_F(TrackChecksTest, RenditionsMustEndTogether) {
  at("abr/360p", 2).last_pts -= kFrame;
  expect_broken("last pts | abr/360p");
  at("abr/360p", 2).last_pts += kFrame;
  at("abr/360p", 2).duration -= kFrame;
  expect_broken("duration | abr/360p");
}

TEST_F(TrackChecksTest, ALimitOnTheRateMayDropFramesOnly) {
  plan.renditions[1].max_frame_rate = {25, 2};
  for (std::int64_t index = 0; index < 3; ++index) at("abr/360p", index).frames /= 2;
  at("abr/360p", 2).last_pts -= kFrame;
  EXPECT_THAT(broken(), IsEmpty());
  at("abr/360p", 0).frames = 100;
  expect_broken("frames out within the rate | abr/360p | 240 in, 170 out");
  at("abr/360p", 0).frames = 101;
  at("abr/360p", 0).frames_in = 10;
  expect_broken("frames out within the rate");
}

TEST_F(TrackChecksTest, ASegmentThatWasNotDecodedIsNamed) {
  at("abr/720p", 1).frames = 0;
  at("abr/720p", 1).frames_in = 0;
  expect_broken("decode | abr/720p | 00002.m4s");
}

TEST_F(TrackChecksTest, HowManySegmentsWereDecodedInFullIsTold) {
  const auto decode_of = [this](const std::string& track) {
    for (const Check& each : track_checks(plan, segments))
      if (each.name == "decode" && each.where == track) return each.detail;
    return std::string();
  };
  EXPECT_EQ(decode_of("abr/720p"), "240 frames in 3 segments");
  at("abr/720p", 1).key_frames_only = at("abr/720p", 2).key_frames_only = true;
  EXPECT_EQ(decode_of("abr/720p"),
            "240 frames in 3 segments; 1 decoded in full, of the others the key frames");
  EXPECT_EQ(summary_of("abr/720p", segments).fully_decoded, 1);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(TrackChecksTest, SoundMayEndInPaddingButLoseNothing) {
  at("abr/audio", 1).frames_in -= 1023;
  EXPECT_THAT(broken(), IsEmpty());
  at("abr/audio", 1).frames_in -= 1024 * 2;
  expect_broken("frames out = frames in | abr/audio");
  at("abr/audio", 1).frames_in = at("abr/audio", 1).frames + 1;
  expect_broken("frames out = frames in | abr/audio");
}

TEST_F(TrackChecksTest, ASilentSourceHasNoSoundToCheck) {
  std::erase_if(segments, [](const auto& each) { return each.track == "abr/audio"; });
  EXPECT_THAT(broken(), IsEmpty());
}

}  // namespace
}  // namespace millrace::engine
