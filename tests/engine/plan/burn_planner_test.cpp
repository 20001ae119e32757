#include "engine/plan/burn_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/engine/plan/plans.h"

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

OtherTrack subtitle(int index, const std::string& codec, const std::string& language) {
  OtherTrack track;
  track.index = index;
  track.kind = "subtitle";
  track.codec = codec;
  track.language = language;
  return track;
}

// English text and pictures, French pictures that are forced and some that are not, a data track, German
// text, and Swedish teletext.
Source with_subtitles() {
  Source source = test::full_hd();
  OtherTrack data = subtitle(6, "bin_data", "eng");
  data.kind = "data";
  source.other = {subtitle(2, "subrip", "eng"),
                  subtitle(3, "hdmv_pgs_subtitle", "eng"),
                  subtitle(4, "dvd_subtitle", "fre"),
                  subtitle(5, "dvb_subtitle", "fra"),
                  data,
                  subtitle(7, "ass", "deu"),
                  subtitle(8, "dvb_teletext", "swe")};
  source.other[2].forced = true;
  return source;
}
Burn language(const std::string& code) { return {-1, code}; }
Burn track(int index) { return {index, ""}; }

TEST(BurnPlanner, ALanguageIsItsFullTrackPicturesBeforeText) {
  EXPECT_EQ(plan_burn(with_subtitles(), language("en"), "x").value_or(-2), 3);
  EXPECT_EQ(plan_burn(with_subtitles(), language("fra"), "x").value_or(-2), 5);
  EXPECT_EQ(plan_burn(with_subtitles(), language("de"), "x").value_or(-2), 7);
  EXPECT_EQ(plan_burn(with_subtitles(), track(4), "x").value_or(-2), 4);
  EXPECT_EQ(plan_burn(with_subtitles(), track(2), "x").value_or(-2), 2);
  EXPECT_EQ(plan_burn(with_subtitles(), {}, "x").value_or(-2), -1);
  Source source = with_subtitles();
  source.other[2].is_default = true;
  EXPECT_EQ(plan_burn(source, language("fra"), "x").value_or(-2), 4);
}

TEST(BurnPlanner, WhatIsNotThereIsRefusedWithWhatIs) {
  for (const Burn& asked : {language("spa"), track(1), track(6), track(17)}) {
    const Status status = plan_burn(with_subtitles(), asked, "outputs[0].burn").status();
    EXPECT_EQ(status.code(), Code::invalid_argument);
    EXPECT_EQ(status.field(), "outputs[0].burn");
    EXPECT_THAT(status.message(),
                HasSubstr("2 (subrip, eng), 3 (hdmv_pgs_subtitle, eng), 4 (dvd_subtitle, fre)"));
  }
  EXPECT_THAT(plan_burn(test::full_hd(), language("eng"), "x").status().message(),
              HasSubstr("no subtitles that can be burnt in"));
}

TEST(BurnPlanner, WhatCannotBeReadIsRefusedByName) {
  const Status status = plan_burn(with_subtitles(), track(8), "x").status();
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_THAT(status.message(), HasSubstr("8 (dvb_teletext, swe) cannot be read here"));
}

TEST(BurnPlanner, OneEncodeWithAndOneWithoutAreNotTheSame) {
  AdaptiveOutput plain = test::abr();
  plain.ladder = {{720, 0, {}, {}}};
  FileOutput burnt = test::web();
  burnt.height = 720;
  burnt.burn = language("eng");
  FileOutput same = burnt;
  same.name = "again";
  const Plan plan = test::plan_of({plain, burnt, same}, with_subtitles());
  EXPECT_THAT(test::folders(plan), ElementsAre("abr/720p", ".parts/web", "abr/audio"));
  EXPECT_EQ(plan.renditions[0].burn, -1);
  EXPECT_EQ(plan.renditions[1].burn, 3);
  EXPECT_THAT(burnt_streams(plan), ElementsAre(3));
  EXPECT_EQ(test::decision(plan, "burn web").choice, "subtitles of stream 3 (hdmv_pgs_subtitle, eng)");
  for (const Decision& each : plan.decisions)
    EXPECT_NE(each.choice, "stream 3 (hdmv_pgs_subtitle, eng) is dropped");
  const auto read = plan_from_json(to_json(plan));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->renditions[1].burn, 3);
}

TEST(BurnPlanner, AnAdaptiveOutputHasItOnEveryRung) {
  AdaptiveOutput output = test::abr();
  output.burn = track(5);
  const Plan plan = test::plan_of({output}, with_subtitles());
  ASSERT_EQ(plan.renditions.size(), 4U);
  for (const PlannedRendition& each : plan.renditions) EXPECT_EQ(each.burn, 5);
}

TEST(BurnPlanner, OggHasItToo) {
  FileOutput output = test::web();
  output.container = Container::ogg;
  output.codec = VideoCodec::theora;
  output.burn = track(3);
  EXPECT_THAT(burnt_streams(test::plan_of({output}, with_subtitles())), ElementsAre(3));
}

TEST(BurnPlanner, SoundAloneHasNoPictureToBurnInto) {
  Source source = with_subtitles();
  source.video.clear();
  source.chosen_video = -1;
  FileOutput output = test::web();
  output.burn = track(3);
  EXPECT_EQ(test::refusal_of({output}, source).field(), "outputs[0].burn");
  EXPECT_THAT(burnt_streams(test::plan_of({test::abr()}, source)), IsEmpty());
}

}  // namespace
}  // namespace millrace::engine
