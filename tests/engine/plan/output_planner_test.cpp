#include "engine/plan/output_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/engine/plan/plans.h"

namespace millrace::engine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using test::abr;
using test::decision;
using test::folders;
using test::plan_of;
using test::refusal_of;
using test::web;

TEST(OutputPlanner, ALadderAboveThePictureIsRefusedWithItsField) {
  AdaptiveOutput output = abr();
  output.ladder = {{2160, 0, {}, {}}};
  const Status status = refusal_of({web(), output});
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_EQ(status.field(), "outputs[1].ladder");
  EXPECT_EQ(status.message(), "outputs[1].ladder: 2160p: the source is 1920x1080; remove it");
}

TEST(OutputPlanner, AFileAboveThePictureIsRefusedWithItsField) {
  FileOutput output = web();
  output.height = 1440;
  const Status status = refusal_of({output});
  EXPECT_EQ(status.field(), "outputs[0].video.height");
  EXPECT_THAT(status.message(), HasSubstr("the source is 1920x1080"));
}

TEST(OutputPlanner, AFileWithoutWishesTakesTheLargestAdaptiveRendition) {
  const Plan plan = plan_of({web(), abr()});
  EXPECT_THAT(folders(plan), ElementsAre("abr/1080p", "abr/720p", "abr/480p", "abr/360p", "abr/audio"));
  EXPECT_EQ(plan.outputs[0].path, "web.mp4");
  EXPECT_THAT(plan.outputs[0].renditions, ElementsAre("abr/1080p"));
  EXPECT_THAT(plan.outputs[0].sounds, ElementsAre("abr/audio"));
  EXPECT_THAT(decision(plan, "package web").choice,
              HasSubstr("web.mp4 of h264 and aac, joined from the segments of abr/1080p and abr/audio"));
}

TEST(OutputPlanner, AFileTakesTheLargestAlsoWhereItIsBelowTheSource) {
  AdaptiveOutput output = abr();
  output.ladder = {{480, 900'000, {}, {}}, {720, 0, {}, {}}};
  EXPECT_THAT(plan_of({output, web()}).outputs[1].renditions, ElementsAre("abr/720p"));
}

TEST(OutputPlanner, AFileOfTheSameHeightAndBitsIsNotEncodedTwice) {
  FileOutput file = web();
  file.height = 720;
  EXPECT_THAT(plan_of({abr(), file}).outputs[1].renditions, ElementsAre("abr/720p"));
  file.bits_per_second = 2'800'000;
  EXPECT_THAT(plan_of({abr(), file}).outputs[1].renditions, ElementsAre("abr/720p"));
}

TEST(OutputPlanner, AFileWithWishesOfItsOwnGetsItsOwnRendition) {
  const auto own_when = [](const std::function<void(FileOutput&)>& change) {
    FileOutput file = web();
    change(file);
    const Plan plan = plan_of({abr(), file});
    EXPECT_EQ(plan.renditions.size(), 5U);
    return plan.outputs[1].renditions.front();
  };
  EXPECT_EQ(own_when([](FileOutput& f) {
              f.height = 720;
              f.bits_per_second = 2'000'000;
            }),
            ".parts/web");
  EXPECT_EQ(own_when([](FileOutput& f) { f.height = 540; }), ".parts/web");
  EXPECT_EQ(own_when([](FileOutput& f) { f.preset = "slow"; }), ".parts/web");
  EXPECT_EQ(own_when([](FileOutput& f) { f.max_frame_rate = {12, 1}; }), ".parts/web");
  EXPECT_EQ(own_when([](FileOutput& f) { f.bits_per_second = 9'000'000; }), ".parts/web");
}

TEST(OutputPlanner, TwoFilesWithTheSameWishesShareARendition) {
  FileOutput first = web();
  first.height = 540;
  FileOutput second = first;
  second.name = "again";
  FileOutput third = first;
  third.name = "thick";
  third.bits_per_second = 9'000'000;
  const Plan plan = plan_of({first, second, third});
  EXPECT_THAT(plan.outputs[1].renditions, ElementsAre(".parts/web"));
  EXPECT_THAT(plan.outputs[2].renditions, ElementsAre(".parts/thick"));
  EXPECT_THAT(plan.outputs[1].sounds, ElementsAre(".parts/web.audio"));
  EXPECT_EQ(plan.sounds.size(), 1U);
}

TEST(OutputPlanner, AFileWithOtherSoundBitsGetsItsOwnSound) {
  FileOutput file = web();
  file.audio.bits_per_second = 64'000;
  const Plan plan = plan_of({abr(), file});
  EXPECT_THAT(plan.outputs[1].renditions, ElementsAre("abr/1080p"));
  EXPECT_THAT(plan.outputs[1].sounds, ElementsAre(".parts/web.audio"));
  EXPECT_EQ(plan.sounds[1].bits_per_second, 64'000);
}

TEST(OutputPlanner, FoldersNeverMeetWhateverTheNamesAre) {
  FileOutput first = web();
  first.height = 540;
  FileOutput second = web();
  second.name = "web-audio";
  second.height = 600;
  second.audio.bits_per_second = 64'000;
  const Plan plan = plan_of({first, second});
  std::vector<std::string> all = folders(plan);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

TEST(OutputPlanner, AFileAloneIsAtMostFullHd) {
  Source big = test::full_hd();
  big.video[0].width = 3840;
  big.video[0].height = 2160;
  const Plan plan = plan_of({web()}, big);
  EXPECT_THAT(folders(plan), ElementsAre(".parts/web", ".parts/web.audio"));
  EXPECT_EQ(plan.renditions[0].height, 1080);
  EXPECT_EQ(plan.renditions[0].bits_per_second, 5'000'000);
  EXPECT_EQ(plan.estimated_bytes, 2 * 39'947'120);  // the segments, and the file joined from them
}

TEST(OutputPlanner, RenditionsAreLargestFirstWhoeverUsesThem) {
  FileOutput file = web();
  file.height = 600;
  EXPECT_THAT(folders(plan_of({abr(), file})),
              ElementsAre("abr/1080p", "abr/720p", ".parts/web", "abr/480p", "abr/360p", "abr/audio"));
}

TEST(OutputPlanner, StillsOfSoundAloneAreRefused) {
  Source source = test::full_hd();
  source.chosen_video = -1;
  ThumbnailsOutput stills;
  stills.name = "stills";
  stills.every = 10;
  SpritesOutput sprites;
  sprites.name = "scrub";
  for (const Output& output : {Output(stills), Output(sprites)}) {
    const Status status = refusal_of({abr(), output}, source);
    EXPECT_EQ(status.code(), Code::unsupported);
    EXPECT_EQ(status.field(), "outputs[1]");
    EXPECT_THAT(status.message(), HasSubstr("the source has no picture"));
  }
}

TEST(OutputPlanner, EveryLanguageIsInTheAdaptiveOutputAndTheRestIsNamed) {
  Source source = test::full_hd();
  source.audio.push_back(source.audio[0]);
  source.audio[1].index = 2;
  source.audio[1].language = "spa";
  source.audio.push_back(source.audio[0]);
  source.audio[2].index = 3;
  const Plan plan = plan_of({abr(), web()}, source);
  EXPECT_THAT(plan.outputs[0].sounds, ElementsAre("abr/audio", "abr/audio-spa"));
  EXPECT_THAT(plan.outputs[1].sounds, ElementsAre("abr/audio"));
  EXPECT_THAT(decision(plan, "sound abr/audio-spa").reason, HasSubstr("stream 2, spa"));
  EXPECT_EQ(decision(plan, "sound").choice, "stream 3 (aac, eng) is left out");
}

TEST(OutputPlanner, SurroundThatTheSourceHasNotIsTold) {
  Source source = test::full_hd();
  source.audio[0].channels = 2;
  AdaptiveOutput output = abr();
  output.audio.surround = true;
  EXPECT_EQ(decision(plan_of({output}, source), "surround abr").reason, "the sound has 2 of 6 channels");
  EXPECT_THAT(plan_of({output}).outputs[0].sounds, ElementsAre("abr/audio", "abr/audio-surround"));
}

TEST(OutputPlanner, WebmHasItsOwnCodecs) {
  FileOutput file = web();
  file.container = Container::webm;
  file.codec = VideoCodec::vp9;
  const Plan plan = plan_of({abr(), file});
  EXPECT_EQ(plan.outputs[1].path, "web.webm");
  EXPECT_THAT(plan.outputs[1].renditions, ElementsAre(".parts/web"));
  EXPECT_THAT(plan.outputs[1].sounds, ElementsAre(".parts/web.audio"));
  EXPECT_EQ(plan.sounds[1].codec, AudioCodec::opus);
  EXPECT_THAT(decision(plan, "package web").choice, HasSubstr("web.webm of vp9 and opus, joined"));
}

TEST(OutputPlanner, OggIsMadeInOneGo) {
  FileOutput file = web();
  file.container = Container::ogg;
  file.codec = VideoCodec::theora;
  file.height = 480;
  file.gop_seconds = 2;
  const Plan plan = plan_of({file}, test::full_hd(), 4);
  EXPECT_THAT(folders(plan), IsEmpty());
  const PlannedOutput& output = plan.outputs[0];
  EXPECT_TRUE(output.is_made_alone());
  ASSERT_TRUE(output.in_one_go && output.in_one_go->picture && output.in_one_go->sound);
  EXPECT_EQ(output.in_one_go->picture->codec, VideoCodec::theora);
  EXPECT_EQ(output.in_one_go->picture->height, 480);
  EXPECT_EQ(output.in_one_go->picture->folder, "");
  EXPECT_EQ(output.in_one_go->picture->gop_ticks, 180'000);
  EXPECT_EQ(output.in_one_go->picture->encoder_threads, 4);
  EXPECT_EQ(output.in_one_go->sound->codec, AudioCodec::vorbis);
  EXPECT_EQ(output.in_one_go->sound->folder, "");
  EXPECT_GT(plan.estimated_bytes, 0);
  EXPECT_EQ(decision(plan, "package web").reason, "ogg files are not made of segments");
  EXPECT_THAT(decision(plan, "encode web.ogg").choice, HasSubstr("theora"));
  EXPECT_EQ(decision(plan, "sound web.ogg").choice, "vorbis stereo, 48000 Hz, 128 kb/s");
}

TEST(OutputPlanner, OggHoldsOneSound) {
  Source source = test::full_hd();
  source.audio.push_back(source.audio[0]);
  source.audio[1].language = "spa";
  FileOutput file = web();
  file.container = Container::ogg;
  file.codec = VideoCodec::theora;
  file.audio.languages = {"eng", "spa"};
  EXPECT_EQ(refusal_of({file}, source).field(), "outputs[0].audio.languages");
}

TEST(OutputPlanner, ACopyTakesTheSourcesOwnTracks) {
  FileOutput file = web();
  file.container = Container::mkv;
  file.copy_video = file.copy_audio = true;
  Source source = test::full_hd();
  source.video[0].dolby_vision = "5.0";
  const Plan plan = plan_of({file}, source);
  ASSERT_TRUE(plan.outputs[0].in_one_go);
  EXPECT_TRUE(plan.outputs[0].in_one_go->copy_video);
  EXPECT_TRUE(plan.outputs[0].in_one_go->copy_audio);
  EXPECT_FALSE(plan.outputs[0].in_one_go->picture);
  ASSERT_TRUE(plan.outputs[0].in_one_go->sound);
  EXPECT_EQ(plan.outputs[0].in_one_go->sound->source_track, 0);
  EXPECT_THAT(plan.normalisations, IsEmpty()) << "nothing is decoded, not even Dolby Vision";
  EXPECT_EQ(decision(plan, "package web").choice,
            "web.mkv of its own picture (h264) and its own sound (aac), made in one go");
  EXPECT_EQ(plan.estimated_bytes, 2 * source.size_bytes) << "neither track says its bits";
}

TEST(OutputPlanner, ACopyOfThePictureCanHaveCodedSoundAndTheOtherWayRound) {
  FileOutput file = web();
  file.copy_video = true;
  EXPECT_FALSE(plan_of({file}).outputs[0].in_one_go->copy_audio);
  EXPECT_EQ(plan_of({file}).outputs[0].in_one_go->sound->codec, AudioCodec::aac);
  file.copy_video = false;
  file.copy_audio = true;
  EXPECT_EQ(plan_of({file}).outputs[0].in_one_go->picture->codec, VideoCodec::h264);
  EXPECT_TRUE(plan_of({file}).outputs[0].in_one_go->copy_audio);
}

TEST(OutputPlanner, ACopyThatTheContainerCannotHoldIsRefusedByItsField) {
  FileOutput file = web();
  file.container = Container::webm;
  file.copy_video = true;
  EXPECT_EQ(refusal_of({file}).field(), "outputs[0].video.codec");
  EXPECT_THAT(refusal_of({file}).message(), HasSubstr("webm cannot hold h264"));
  file.copy_video = false;
  file.codec = VideoCodec::vp9;
  file.copy_audio = true;
  EXPECT_EQ(refusal_of({file}).field(), "outputs[0].audio.codec");
}

TEST(OutputPlanner, TheSoundAloneIsMadeFromTheSource) {
  AudioOutput sound;
  sound.name = "sound";
  sound.container = AudioContainer::flac;
  const Plan plan = plan_of({sound});
  EXPECT_THAT(folders(plan), IsEmpty());
  const PlannedOutput& output = plan.outputs[0];
  EXPECT_EQ(output.type, PlannedOutput::Type::audio);
  EXPECT_EQ(output.path, "sound.flac");
  EXPECT_TRUE(output.is_made_alone());
  EXPECT_EQ(output.in_one_go->sound->codec, AudioCodec::flac);
  EXPECT_FALSE(output.in_one_go->picture);
  EXPECT_THAT(plan.decisions, Not(Contains(Field(&Decision::stage, "decode")))) << "no picture is decoded";
  sound.container = AudioContainer::mp3;
  sound.copy = true;
  EXPECT_EQ(refusal_of({sound}).field(), "outputs[0].audio.codec");
  sound.container = AudioContainer::m4a;
  EXPECT_TRUE(plan_of({sound}).outputs[0].in_one_go->copy_audio);
}

TEST(OutputPlanner, TheSoundOfASilentSourceIsRefused) {
  Source source = test::full_hd();
  source.audio.clear();
  source.chosen_audio = -1;
  AudioOutput sound;
  sound.name = "sound";
  EXPECT_EQ(refusal_of({abr(), sound}, source).field(), "outputs[1]");
  EXPECT_THAT(refusal_of({abr(), sound}, source).message(), HasSubstr("the source has no sound"));
}

TEST(OutputPlanner, StillsAreOfThePictureAsItIsShown) {
  Source phone = test::full_hd();
  phone.video[0].rotation_degrees = 90;
  ThumbnailsOutput stills;
  stills.name = "stills";
  stills.at = {10, 1.5};
  stills.width = 180;
  SpritesOutput sprites;
  sprites.name = "scrub";
  sprites.format = StillFormat::webp;
  const Plan plan = plan_of({stills, sprites}, phone, 4);
  EXPECT_EQ(plan.outputs[0].path, "stills");
  EXPECT_THAT(plan.outputs[0].stills.at, ElementsAre(1.5, 10));
  EXPECT_EQ(plan.outputs[0].stills.height, 320);
  EXPECT_EQ(plan.outputs[0].stills.threads, 4);
  EXPECT_EQ(plan.outputs[1].path, "scrub.webp");
  EXPECT_EQ(plan.outputs[1].stills.width, 160);
  EXPECT_EQ(plan.outputs[1].stills.height, 284);
  EXPECT_TRUE(plan.outputs[1].is_made_alone());
  EXPECT_EQ(decision(plan, "package scrub").choice, "scrub.webp: webp 160x284, every 5 s, 10 columns");
  EXPECT_THAT(plan.decisions, Contains(Field(&Decision::stage, "rotate")));
  stills.at = {63};
  EXPECT_EQ(refusal_of({abr(), stills}).field(), "outputs[1].at[0]");
}

TEST(OutputPlanner, ManySpritesTakeSeveralSheets) {
  Source film = test::full_hd();
  film.video[0].duration_seconds = film.duration_seconds = 3 * 3600;
  SpritesOutput sprites;
  sprites.name = "scrub";
  EXPECT_THAT(decision(plan_of({sprites}, film), "package scrub").reason,
              HasSubstr("2160 pictures take 2 sheets"));
}

}  // namespace
}  // namespace millrace::engine
