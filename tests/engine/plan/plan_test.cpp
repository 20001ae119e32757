#include "engine/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// Every member differs from its default.
Plan everything_set() {
  Plan plan;
  plan.source = test::full_hd();
  plan.clock = SegmentClock(360'360);
  plan.decisions = {{"decode", "cpu", "h264", "no GPU: x"}, {"scale 720p", "cpu", "1280x720", "no GPU: x"}};
  plan.normalisations = {{"deinterlace", "bwdif", "interlaced"}, {"rotate", "hflip,vflip", "upside down"}};
  plan.decoder_threads = 3;
  plan.ranges_at_once = 2;
  plan.range_cores = 4;
  plan.decode_device = plan.filter_device = "cuda:1";
  PlannedRendition rendition{"720p",  "abr/720p",       1280,       720, 2'800'000, {30000, 1001},
                             {30, 1}, VideoCodec::hevc, "veryfast", 2};
  rendition.quality = 23.5;
  rendition.max_bits_per_second = 4'200'000;
  rendition.gop_ticks = 180'180;
  rendition.ten_bit = true;
  rendition.encode_device = "vaapi:/dev/dri/renderD128";
  rendition.stepped_down = true;
  plan.renditions = {rendition};
  PlannedSound sound{"audio", "abr/audio", 0, 1, 44'100, 96'000, "eng"};
  sound.codec = AudioCodec::opus;
  sound.normalise_loudness = true;
  sound.is_default = false;
  plan.sounds = {sound};
  plan.subtitles = {{"English", "abr/subtitles-eng", 3, "", "eng", true, true},
                    {"German", "abr/subtitles-de", -1, "file:///a/de.srt", "de", false, false}};
  plan.overlays = {
      {"file:///logo.png", Overlay::Anchor::bottom_right, 0.1, 0.2, 0.3, 0.4, 0.5, 90'000, 180'000}};
  PlannedOutput adaptive;
  adaptive.name = adaptive.path = "abr";
  adaptive.packages = {Package::dash};
  adaptive.renditions = {"abr/720p"};
  adaptive.sounds = {"abr/audio"};
  adaptive.subtitles = {"abr/subtitles-eng", "abr/subtitles-de"};
  PlannedOutput file;
  file.name = "web";
  file.type = PlannedOutput::Type::file;
  file.path = "web.mov";
  file.container = Container::mov;
  file.renditions = {"abr/720p"};
  file.sounds = {"abr/audio"};
  PlannedOutput ogg;
  ogg.name = "free";
  ogg.type = PlannedOutput::Type::file;
  ogg.path = "free.ogg";
  ogg.container = Container::ogg;
  ogg.in_one_go.emplace();
  ogg.in_one_go->picture = rendition;
  ogg.in_one_go->sound = sound;
  PlannedOutput copy;
  copy.name = "sound";
  copy.type = PlannedOutput::Type::audio;
  copy.path = "sound.flac";
  copy.audio_container = AudioContainer::flac;
  copy.in_one_go.emplace();
  copy.in_one_go->sound = sound;
  copy.in_one_go->copy_video = copy.in_one_go->copy_audio = true;
  PlannedOutput stills;
  stills.name = stills.path = "stills";
  stills.type = PlannedOutput::Type::thumbnails;
  stills.stills = {{1.5, 10}, 0, 320, 180, true, 0, StillFormat::webp, 4};
  PlannedOutput sprites;
  sprites.name = "scrub";
  sprites.type = PlannedOutput::Type::sprites;
  sprites.path = "scrub.jpg";
  sprites.stills = {{}, 5, 160, 90, false, 10, StillFormat::png, 2};
  plan.outputs = {adaptive, file, ogg, copy, stills, sprites};
  plan.trim_from = 90'000;
  plan.trim_to = 900'000;
  plan.accept_damage = true;
  plan.real_time = true;
  plan.full_decode = true;
  plan.estimated_segments = 16;
  plan.estimated_bytes = std::int64_t{1} << 40;
  return plan;
}

TEST(Plan, JsonGivesTheSamePlanBack) {
  const Plan plan = everything_set();
  const std::string before = to_json(plan).dump();
  const Result<Plan> read = plan_from_json(ordered_json::parse(before));
  ASSERT_TRUE(read.ok()) << to_string(read.status());
  EXPECT_EQ(to_json(*read).dump(), before);
  EXPECT_EQ(read->clock.segment_ticks(), 360'360);
  EXPECT_EQ(read->source.video[0].width, 1920);
  EXPECT_EQ(read->decisions[1].choice, "1280x720");
  EXPECT_EQ(read->normalisations[1].filter, "hflip,vflip");
  EXPECT_EQ(read->decoder_threads, 3);
  EXPECT_EQ(read->ranges_at_once, 2);
  EXPECT_EQ(read->range_cores, 4);
  const PlannedRendition& rendition = read->renditions[0];
  EXPECT_EQ(rendition.folder, "abr/720p");
  EXPECT_EQ(rendition.frame_rate, (Rational{30000, 1001}));
  EXPECT_EQ(rendition.max_frame_rate, (Rational{30, 1}));
  EXPECT_EQ(rendition.encoder_threads, 2);
  EXPECT_EQ(rendition.quality, 23.5);
  EXPECT_EQ(rendition.gop_ticks, 180'180);
  EXPECT_TRUE(rendition.ten_bit);
  EXPECT_EQ(read->sounds[0].sample_rate, 44'100);
  EXPECT_EQ(read->sounds[0].codec, AudioCodec::opus);
  EXPECT_EQ(read->subtitles[1].url, "file:///a/de.srt");
  EXPECT_EQ(read->subtitles[1].source_stream, -1);
  EXPECT_EQ(read->overlays[0].anchor, Overlay::Anchor::bottom_right);
  EXPECT_EQ(read->overlays[0].to, 180'000);
  EXPECT_EQ(read->trim_from, 90'000);
  EXPECT_EQ(read->trim_to, 900'000);
  EXPECT_TRUE(read->accept_damage);
  EXPECT_TRUE(read->real_time);
  EXPECT_TRUE(read->full_decode);
  EXPECT_EQ(read->outputs[2].in_one_go->picture->codec, VideoCodec::hevc);
  EXPECT_FALSE(read->outputs[3].in_one_go->picture);
  EXPECT_TRUE(read->outputs[3].in_one_go->copy_audio);
  EXPECT_EQ(read->outputs[3].audio_container, AudioContainer::flac);
  EXPECT_EQ(read->outputs[4].stills.at, (std::vector<double>{1.5, 10}));
  EXPECT_EQ(read->outputs[4].stills.threads, 4);
  EXPECT_EQ(read->outputs[5].stills.columns, 10);
  EXPECT_FALSE(read->outputs[0].in_one_go);
  EXPECT_EQ(read->outputs[0].packages, std::vector<Package>{Package::dash});
  EXPECT_EQ(read->outputs[1].type, PlannedOutput::Type::file);
  EXPECT_EQ(read->outputs[1].container, Container::mov);
  EXPECT_EQ(read->estimated_bytes, std::int64_t{1} << 40);
}

TEST(Plan, PlansThatWereStoredBeforeAskForNoFullDecode) {
  ordered_json json = to_json(everything_set());
  json.erase("full_decode");
  EXPECT_FALSE(plan_from_json(json)->full_decode);
}

// Workers hear of a step down by the plan alone; plans that were stored before know of none.
TEST(Plan, SaysToWorkersThatItHasSteppedDown) {
  ordered_json json = to_json(everything_set());
  EXPECT_TRUE(plan_from_json(json)->renditions[0].stepped_down);
  json["renditions"][0].erase("stepped_down");
  const Result<Plan> before = plan_from_json(json);
  ASSERT_TRUE(before.ok()) << to_string(before.status());
  EXPECT_FALSE(before->renditions[0].stepped_down);
}

TEST(Plan, APlanWithoutAFieldIsRefusedByTheFieldsName) {
  const ordered_json whole = to_json(everything_set());
  for (const auto& [name, value] : whole.items()) {
    if (name == "full_decode") continue;
    ordered_json less = whole;
    less.erase(name);
    const Result<Plan> read = plan_from_json(less);
    ASSERT_FALSE(read.ok()) << name;
    EXPECT_EQ(read.status().code(), Code::corrupt_input);
    EXPECT_THAT(read.status().message(), HasSubstr("plan." + name));
  }
}

TEST(Plan, WhatArithmeticReliesOnIsChecked) {
  ordered_json json = to_json(everything_set());
  json["segment_ticks"] = 0;
  EXPECT_FALSE(plan_from_json(json).ok());
  json = to_json(everything_set());
  json["sounds"][0]["source_track"] = 1;
  EXPECT_FALSE(plan_from_json(json).ok());
  json = to_json(everything_set());
  json["renditions"][0]["width"] = 0;
  EXPECT_FALSE(plan_from_json(json).ok());
  json = to_json(everything_set());
  json["outputs"][2]["in_one_go"]["sound"]["source_track"] = 1;
  EXPECT_FALSE(plan_from_json(json).ok());
  json = to_json(everything_set());
  json["outputs"][2]["in_one_go"]["picture"]["height"] = 0;
  EXPECT_FALSE(plan_from_json(json).ok());
  json = to_json(everything_set());
  json["outputs"][4]["stills"]["width"] = 0;
  EXPECT_FALSE(plan_from_json(json).ok());
  json = to_json(everything_set());
  json["outputs"][5]["stills"]["columns"] = 0;
  EXPECT_FALSE(plan_from_json(json).ok());
  json = to_json(everything_set());
  json["sounds"][0]["sample_rate"] = 0;
  EXPECT_FALSE(plan_from_json(json).ok());
  json = to_json(everything_set());
  json["trim_to"] = 90'000;
  EXPECT_FALSE(plan_from_json(json).ok());
  json = to_json(everything_set());
  json["outputs"][0]["type"] = "hologram";
  EXPECT_THAT(plan_from_json(json).status().message(), HasSubstr("plan.outputs[0].type"));
}

TEST(Plan, FiltersAreOneChain) {
  EXPECT_EQ(everything_set().normalise_filter(), "bwdif,hflip,vflip");
  EXPECT_EQ(Plan().normalise_filter(), "");
}

TEST(Plan, DescriptionShowsTracksAndReasons) {
  const std::string text = describe(everything_set());
  EXPECT_THAT(text, HasSubstr("segments of 4.004 s, about 16; about 1 TiB on disk"));
  for (const char* row :
       {"abr/720p +hevc veryfast, 10 bit +1280x720 +29.97 fps +quality 23.5, at most 4.2 Mb/s +2\n",
        "abr/audio +opus +mono eng +44100 Hz +96 kb/s +1\n", "abr/subtitles-eng +webvtt +English\n",
        "free.ogg +hevc veryfast", "free.ogg +opus", "sound.flac +copy +picture\n",
        "sound.flac +copy +sound\n", "stills +webp 320x180 on black, 2 stills\n",
        "scrub.jpg +png 160x90, every 5 s, 10 columns\n"})
    EXPECT_THAT(text, ContainsRegex(row));
  EXPECT_THAT(text, HasSubstr("decode      cpu     h264      no GPU: x\n"));
  EXPECT_THAT(text, HasSubstr("scale 720p  cpu     1280x720  \"\n")) << "a reason is said once";
}

TEST(Plan, AJobWithoutTracksHasNoGridToTellOf) {
  Plan plan = everything_set();
  plan.renditions.clear();
  plan.sounds.clear();
  EXPECT_THAT(describe(plan), Not(HasSubstr("segments of")));
  EXPECT_THAT(describe(plan), HasSubstr("about 1 TiB on disk"));
}

}  // namespace
}  // namespace millrace::engine
