#include "engine/verify/output_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

FinishedSegment file_of(const std::string& track, std::int64_t index, const std::string& file,
                        std::int64_t frames) {
  FinishedSegment booked;
  booked.track = track;
  booked.index = index;
  booked.file = file;
  booked.frames = booked.frames_in = frames;
  booked.bytes = 10;
  booked.sha256 = "ab";
  return booked;
}

class OutputChecksTest : public testing::Test {
 protected:
  PlannedOutput& add(const std::string& name, PlannedOutput::Type type, const std::string& path) {
    PlannedOutput output;
    output.name = name;
    output.type = type;
    output.path = path;
    plan.outputs.push_back(output);
    return plan.outputs.back();
  }
  // One file of that many frames.
  void book(const std::string& file, std::int64_t frames) {
    segments.push_back(file_of(file, 0, file, frames));
  }
  FinishedSegment& at(const std::string& track, std::size_t index = 0) {
    for (FinishedSegment& each : segments)
      if (each.track == track && index-- == 0) return each;
    std::abort();
  }
  // The checks that do not hold, as "name | where | detail".
  std::vector<std::string> broken() const {
    std::vector<std::string> list;
    for (const Check& each : output_checks(plan, segments))
      if (!each.holds) list.push_back(each.name + " | " + each.where + " | " + each.detail);
    return list;
  }

  Plan plan;
  Segments segments;
};

TEST_F(OutputChecksTest, HoldForFilesThatAreThereAndDecoded) {
  add("abr", PlannedOutput::Type::adaptive, "abr");
  add("sound", PlannedOutput::Type::audio, "sound.m4a").in_one_go.emplace();
  book("sound.m4a", 48'000);
  add("stills", PlannedOutput::Type::thumbnails, "stills").stills.at = {1.5, 10};
  segments.push_back(file_of("stills", 0, "stills/0001.jpg", 1));
  segments.push_back(file_of("stills", 1, "stills/0002.jpg", 1));
  plan.subtitles.resize(1);
  plan.subtitles[0].folder = "abr/subtitles-eng";
  segments.push_back(file_of("abr/subtitles-eng", 0, "abr/subtitles-eng/subtitles.vtt", 0));  // says nothing
  EXPECT_THAT(broken(), IsEmpty());
  std::vector<std::string> places;
  for (const Check& each : output_checks(plan, segments))
    if (each.name == "every file") places.push_back(each.where);
  EXPECT_THAT(places, ElementsAre("sound.m4a", "stills", "abr/subtitles-eng"));
}

TEST_F(OutputChecksTest, FindAnOutputAndASubtitleThatWereNotMade) {
  add("scrub", PlannedOutput::Type::sprites, "scrub.jpg");
  plan.subtitles.resize(1);
  plan.subtitles[0].folder = "abr/subtitles-eng";
  EXPECT_THAT(broken(), ElementsAre("every file | scrub.jpg | no file is finished",
                                    "every file | abr/subtitles-eng | no file is finished"));
}

TEST_F(OutputChecksTest, FindAMissingStill) {
  add("stills", PlannedOutput::Type::thumbnails, "stills").stills.every = 5;
  for (const int index : {0, 2}) segments.push_back(file_of("stills", index, "stills/x.jpg", 1));
  EXPECT_THAT(broken(), ElementsAre("every file | stills | file 2 of 2 is missing"));
}

TEST_F(OutputChecksTest, CountTheStillsThatWereAskedForUnlessDamageIsAccepted) {
  add("stills", PlannedOutput::Type::thumbnails, "stills").stills.at = {1.5, 10, 20};
  segments.push_back(file_of("stills", 0, "stills/0001.jpg", 1));
  EXPECT_THAT(broken(), ElementsAre("stills | stills | 3 asked for, 1 made"));
  plan.accept_damage = true;
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(OutputChecksTest, FindAFileThatWasBookedWithoutADecodedFrame) {
  add("scrub", PlannedOutput::Type::sprites, "scrub.jpg");
  book("scrub.jpg", 12);
  segments.push_back(file_of("scrub.jpg", 1, "scrub.vtt", 12));
  EXPECT_THAT(broken(), IsEmpty());
  at("scrub.jpg").frames = 0;
  EXPECT_THAT(broken(), ElementsAre("decode | scrub.jpg | scrub.jpg was booked without a decoded frame"));
  at("scrub.jpg").frames = 12;
  at("scrub.jpg", 1).sha256.clear();
  EXPECT_THAT(broken(), ElementsAre("decode | scrub.jpg | scrub.vtt was booked without a decoded frame"));
}

TEST_F(OutputChecksTest, AJoinedFileHasThePicturesOfItsSegments) {
  add("web", PlannedOutput::Type::file, "web.mp4").renditions = {"abr/720p"};
  segments.push_back(file_of("abr/720p", 0, "abr/720p/00001.m4s", 100));
  segments.push_back(file_of("abr/720p", 1, "abr/720p/00002.m4s", 20));
  book("web.mp4", 120);
  EXPECT_THAT(broken(), IsEmpty());
  at("web.mp4").frames = 119;
  EXPECT_THAT(broken(),
              ElementsAre("pictures in the file | web.mp4 | 119 pictures in the file, 120 in its segments"));
}

TEST_F(OutputChecksTest, AJoinedFileOfSoundAloneMayShowPrimingAndPadding) {
  add("web", PlannedOutput::Type::file, "web.mp4").sounds = {"abr/audio"};
  segments.push_back(file_of("abr/audio", 0, "abr/audio/00001.m4s", 480'000));
  book("web.mp4", 480'000 + 2048);
  EXPECT_THAT(broken(), IsEmpty());
  at("web.mp4").frames = 432'000;
  EXPECT_THAT(
      broken(),
      ElementsAre("samples in the file | web.mp4 | 432000 samples in the file, 480000 in its segments"));
}

TEST_F(OutputChecksTest, AFileThatIsCodedInOneGoHasTheSourcesPictures) {
  PlannedRendition& picture =
      add("old", PlannedOutput::Type::file, "old.ogg").in_one_go.emplace().picture.emplace();
  book("old.ogg", 120);
  EXPECT_THAT(broken(), IsEmpty());
  at("old.ogg").frames_in = 121;
  EXPECT_THAT(broken(), ElementsAre("frames out = frames in | old.ogg | 121 in, 120 out"));
  picture.max_frame_rate = {25, 1};  // may drop some, and adds none
  EXPECT_THAT(broken(), IsEmpty());
  at("old.ogg").frames_in = 119;
  EXPECT_THAT(broken(), ElementsAre("frames out within the rate | old.ogg | 119 in, 120 out"));
}

TEST_F(OutputChecksTest, SoundThatIsCodedInOneGoMayDifferByWhatCodersAddAtTheEnds) {
  add("sound", PlannedOutput::Type::audio, "sound.mp3").in_one_go.emplace();
  book("sound.mp3", 48'000);
  at("sound.mp3").frames += 2 * 1152;  // the rest of the last frame, and priming
  EXPECT_THAT(broken(), IsEmpty());
  at("sound.mp3").frames = 48'000 - 1105;
  EXPECT_THAT(broken(), IsEmpty());
  at("sound.mp3").frames = 24'000;
  EXPECT_THAT(broken(), ElementsAre("frames out = frames in | sound.mp3 | 48000 in, 24000 out"));
}

TEST_F(OutputChecksTest, CopiedPacketsAreNotCountedAgainstFrames) {
  PlannedFile& file = add("copy", PlannedOutput::Type::file, "copy.mkv").in_one_go.emplace();
  file.copy_video = true;
  book("copy.mkv", 120);
  at("copy.mkv").frames_in = 240;  // a field a packet
  EXPECT_THAT(broken(), IsEmpty());
}

TEST(OutputFramesTest, ArePicturesUnlessThereIsSoundAlone) {
  PlannedOutput output;
  output.type = PlannedOutput::Type::audio;
  EXPECT_EQ(frames_of(output), OutputFrames::samples);
  output.type = PlannedOutput::Type::file;
  output.sounds = {"abr/audio"};
  EXPECT_EQ(frames_of(output), OutputFrames::samples);
  output.renditions = {"abr/720p"};
  EXPECT_EQ(frames_of(output), OutputFrames::pictures);
  output = {};
  output.type = PlannedOutput::Type::file;
  output.in_one_go.emplace().copy_audio = true;
  EXPECT_EQ(frames_of(output), OutputFrames::samples);
  output.in_one_go->copy_video = true;
  EXPECT_EQ(frames_of(output), OutputFrames::pictures);
}

}  // namespace
}  // namespace millrace::engine
