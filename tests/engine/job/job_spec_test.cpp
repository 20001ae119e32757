#include "engine/job/job_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace millrace::engine {
namespace {

FileOutput file_with_gop(double seconds, Container container = Container::mp4) {
  FileOutput file;
  file.name = "web";
  file.container = container;
  file.gop_seconds = seconds;
  return file;
}

TEST(JobSpec, EveryUrlHasItsField) {
  JobSpec spec;
  spec.input_url = "file:///in.mov";
  spec.subtitles = {{"/a.srt", "eng", ""}, {"/b.srt", "fra", ""}};
  spec.overlays.resize(1);
  spec.overlays[0].url = "/logo.png";
  std::vector<std::string> all;
  for (const SpecUrl& each : urls_of(spec)) all.push_back(each.field + " " + each.url);
  EXPECT_THAT(all,
              ::testing::ElementsAre("input.url file:///in.mov", "input.subtitles[0].url /a.srt",
                                     "input.subtitles[1].url /b.srt", "overlays[0].image.url /logo.png"));
}

TEST(JobSpec, SegmentsAreWhatTheAdaptiveOutputSays) {
  JobSpec spec;
  AdaptiveOutput adaptive;
  adaptive.segment_seconds = 6;
  spec.outputs = {file_with_gop(3), adaptive};
  EXPECT_EQ(segment_seconds_of(spec), 6);
}

TEST(JobSpec, SegmentsOfFilesAloneAreWholeGopsNearFourSeconds) {
  const auto with = [](FileOutput file) {
    JobSpec spec;
    spec.outputs = {ThumbnailsOutput(), std::move(file)};
    return segment_seconds_of(spec);
  };
  EXPECT_EQ(with(file_with_gop(0)), 4);
  EXPECT_EQ(with(file_with_gop(0.5)), 4);
  EXPECT_EQ(with(file_with_gop(1.5)), 4.5);
  EXPECT_EQ(with(file_with_gop(3)), 3);
  EXPECT_EQ(with(file_with_gop(10)), 10);
  EXPECT_EQ(with(file_with_gop(7, Container::ogg)), 4);
  EXPECT_EQ(segment_seconds_of({}), 4);
}

// What is made in C++ has not been through the JSON reader.
TEST(JobSpec, ValidateAloneFindsSettingsBesideACopy) {
  JobSpec spec;
  spec.input_url = "/a.mov";
  FileOutput file;
  file.name = "web";
  file.copy_video = true;
  spec.outputs = {file};
  EXPECT_TRUE(validate(spec).ok()) << validate(spec).message();
  file.max_frame_rate = {30, 1};
  spec.outputs = {file};
  EXPECT_EQ(validate(spec).field(), "outputs[0].video.fps");
  file.max_frame_rate = {};
  file.copy_audio = true;
  file.audio.surround = true;
  spec.outputs = {file};
  EXPECT_EQ(validate(spec).field(), "outputs[0].audio.surround");
}

TEST(JobSpec, NumbersThatAreNoneAreRefused) {
  JobSpec spec;
  spec.input_url = "/a.mov";
  AdaptiveOutput adaptive;
  adaptive.name = "abr";
  spec.outputs = {adaptive};
  spec.trim.from = std::nan("");
  EXPECT_EQ(validate(spec).field(), "trim.from");
  spec.trim = {0, std::nan("")};
  EXPECT_EQ(validate(spec).field(), "trim.to");
  spec.trim = {};
  spec.overlays.resize(1);
  spec.overlays[0].url = "/l.png";
  spec.overlays[0].width = Length{std::nan(""), true};
  EXPECT_EQ(validate(spec).field(), "overlays[0].width");
}

}  // namespace
}  // namespace millrace::engine
