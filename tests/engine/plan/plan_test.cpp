#include "engine/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;

// Every member differs from its default.
Plan everything_set() {
  Plan plan;
  plan.source = test::full_hd();
  plan.clock = SegmentClock(360'360);
  plan.decisions = {{"decode", "cpu", "h264", "no GPU: x"}, {"scale 720p", "cpu", "1280x720", "no GPU: x"}};
  plan.normalisations = {{"deinterlace", "bwdif", "interlaced"}, {"rotate", "hflip,vflip", "upside down"}};
  plan.decoder_threads = 3;
  plan.renditions = {
      {"720p", "abr/720p", 1280, 720, 2'800'000, {30000, 1001}, {30, 1}, VideoCodec::h264, "veryfast", 2}};
  plan.sounds = {{"audio", "abr/audio", 0, 1, 44'100, 96'000, "eng"}};
  plan.outputs = {
      {"abr",
       PlannedOutput::Type::adaptive,
       "abr",
       {Package::dash},
       Container::mp4,
       {"abr/720p"},
       {"abr/audio"}},
      {"web", PlannedOutput::Type::file, "web.mov", {}, Container::mov, {"abr/720p"}, {"abr/audio"}}};
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
  const PlannedRendition& rendition = read->renditions[0];
  EXPECT_EQ(rendition.folder, "abr/720p");
  EXPECT_EQ(rendition.frame_rate, (Rational{30000, 1001}));
  EXPECT_EQ(rendition.max_frame_rate, (Rational{30, 1}));
  EXPECT_EQ(rendition.encoder_threads, 2);
  EXPECT_EQ(read->sounds[0].sample_rate, 44'100);
  EXPECT_EQ(read->outputs[0].packages, std::vector<Package>{Package::dash});
  EXPECT_EQ(read->outputs[1].type, PlannedOutput::Type::file);
  EXPECT_EQ(read->outputs[1].container, Container::mov);
  EXPECT_EQ(read->estimated_bytes, std::int64_t{1} << 40);
}

TEST(Plan, APlanWithoutAFieldIsRefusedByTheFieldsName) {
  const ordered_json whole = to_json(everything_set());
  for (const auto& [name, value] : whole.items()) {
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
  EXPECT_THAT(text, HasSubstr("abr/720p   h264 veryfast  1280x720  29.97 fps  2.8 Mb/s  2\n"));
  EXPECT_THAT(text, HasSubstr("abr/audio  aac            mono      44100 Hz   96 kb/s   1\n"));
  EXPECT_THAT(text, HasSubstr("decode      cpu     h264      no GPU: x\n"));
  EXPECT_THAT(text, HasSubstr("scale 720p  cpu     1280x720  \"\n")) << "a reason is said once";
}

}  // namespace
}  // namespace millrace::engine
