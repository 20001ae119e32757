#include "engine/plan/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::Not;

// Every member differs from its default.
Source everything_set() {
  Source source = test::full_hd();
  VideoTrack& video = source.video[0];
  video.sample_aspect = {64, 45};
  video.rotation_degrees = 270;
  video.mirrored = true;
  video.bits_per_component = 10;
  video.interlaced = true;
  video.top_field_first = false;
  video.frame_rate = {60000, 2002};
  video.variable_frame_rate = true;
  video.time_base = {1, 12'800};
  video.first_pts = -512;
  video.frame_count = 1558;
  video.bits_per_second = 3'300'000;
  video.language = "deu";
  video.is_default = true;
  video.has_alpha = true;
  video.dolby_vision = "8.4";
  video.hdr = {"G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)", "1000,400"};
  video.closed_captions = true;
  video.scan_note = "its frames show two fields";
  VideoTrack cover;
  cover.index = 2;
  cover.attached_picture = true;
  source.video.push_back(cover);
  AudioTrack& audio = source.audio[0];
  audio.time_base = {1, 48'000};
  audio.first_pts = 1024;
  audio.start_seconds = -0.021;
  audio.duration_seconds = 62.1;
  audio.bits_per_second = 384'000;
  audio.is_default = true;
  source.other = {{3, "subtitle", "mov_text", "spa", "Comentarios", true, true}};
  source.length_promised = true;
  source.damage = {"packet 7 is damaged at 1.2 s"};
  source.repairs = {"timestamps jump by -10.000 s at 5.000 s; the gap is closed"};
  return source;
}

TEST(Source, JsonGivesTheSameSourceBack) {
  const std::string before = to_json(everything_set()).dump();
  const Result<Source> read = source_from_json(ordered_json::parse(before));
  ASSERT_TRUE(read.ok()) << to_string(read.status());
  EXPECT_EQ(to_json(*read).dump(), before);
  const VideoTrack& video = read->video[0];
  EXPECT_EQ(video.sample_aspect, (Rational{64, 45}));
  EXPECT_EQ(video.rotation_degrees, 270);
  EXPECT_TRUE(video.mirrored);
  EXPECT_FALSE(video.top_field_first);
  EXPECT_EQ(video.frame_rate.numerator, 60000) << "the terms stay as they were";
  EXPECT_EQ(video.first_pts, -512);
  EXPECT_TRUE(read->video[1].attached_picture);
  EXPECT_EQ(read->audio[0].start_seconds, -0.021);
  EXPECT_EQ(video.dolby_vision, "8.4");
  EXPECT_EQ(video.hdr.content_light, "1000,400");
  EXPECT_TRUE(video.closed_captions);
  EXPECT_EQ(video.scan_note, "its frames show two fields");
  EXPECT_EQ(read->other[0].codec, "mov_text");
  EXPECT_EQ(read->other[0].title, "Comentarios");
  EXPECT_TRUE(read->other[0].is_default);
  EXPECT_TRUE(read->other[0].forced);
  EXPECT_TRUE(read->length_promised);
  EXPECT_EQ(read->damage.size(), 1U);
  EXPECT_EQ(read->repairs.size(), 1U);
}

TEST(Source, AFieldThatIsMissingOrOfAnotherKindIsNamed) {
  ordered_json json = to_json(everything_set());
  json["video"][1].erase("width");
  EXPECT_THAT(source_from_json(json).status().message(), HasSubstr("source.video[1].width"));
  json = to_json(everything_set());
  json["audio"][0]["time_base"] = "1:90000";
  EXPECT_THAT(source_from_json(json).status().message(), HasSubstr("source.audio[0].time_base"));
  EXPECT_FALSE(source_from_json(ordered_json::array()).ok());
}

TEST(Source, ARecordOfBeforeLengthsWereDoubtedIsRead) {
  ordered_json json = to_json(everything_set());
  json.erase("length_promised");
  const Result<Source> read = source_from_json(json);
  ASSERT_TRUE(read.ok()) << to_string(read.status());
  EXPECT_FALSE(read->length_promised);
}

TEST(Source, LanguagesInOtherEncodingsDoNotStopIt) {
  Source source = everything_set();
  source.audio[0].language = "fran\xe7";
  EXPECT_THAT(to_json(source).dump(), HasSubstr("fran\xEF\xBF\xBD"));
}

TEST(Source, TheMainTracksAreTheChosenOnesAndNeverACover) {
  Source source = everything_set();
  EXPECT_EQ(source.main_video(), &source.video[0]);
  EXPECT_EQ(source.main_audio(), &source.audio[0]);
  source.chosen_video = 1;
  EXPECT_EQ(source.main_video(), nullptr);
  source.chosen_video = 7;
  source.chosen_audio = -1;
  EXPECT_EQ(source.main_video(), nullptr);
  EXPECT_EQ(source.main_audio(), nullptr);
}

TEST(Source, DescriptionSaysWhatMatters) {
  const std::string text = describe(everything_set());
  for (const char* part :
       {"file:///media/clip.mp4", "62.320 s", "24.8 MiB", "h264 High, 1920x1080 yuv420p",
        "29.97 fps on average (variable)", "interlaced, bottom field first", "pixels 64:45",
        "turned by 270 degrees", "mirrored", "attached picture", "aac, 6 channels (5.1), 48000 Hz",
        "384 kb/s", "eng", "subtitle 3  mov_text, spa, 'Comentarios', default, forced",
        "Dolby Vision profile 8.4", "closed captions", "mended     timestamps jump", "damaged    packet 7"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(describe(test::full_hd()), Not(HasSubstr("interlaced")));
}

}  // namespace
}  // namespace millrace::engine
