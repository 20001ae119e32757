#include "engine/plan/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

AdaptiveOutput abr() {
  AdaptiveOutput output;
  output.name = "abr";
  return output;
}
FileOutput web() {
  FileOutput output;
  output.name = "web";
  return output;
}
JobSpec spec_of(std::vector<Output> outputs) {
  JobSpec spec;
  spec.input_url = "file:///media/clip.mp4";
  spec.outputs = std::move(outputs);
  return spec;
}

Plan plan_of(std::vector<Output> outputs, const Source& source = test::full_hd(), int cores = 2) {
  const Result<Plan> plan = make_plan(source, spec_of(std::move(outputs)), test::without_gpu(), cores);
  EXPECT_TRUE(plan.ok()) << to_string(plan.status());
  return plan.value_or({});
}
Status refusal_of(std::vector<Output> outputs, const Source& source = test::full_hd()) {
  return make_plan(source, spec_of(std::move(outputs)), test::without_gpu(), 2).status();
}

std::vector<std::string> folders(const Plan& plan) {
  std::vector<std::string> all;
  for (const auto& each : plan.renditions) all.push_back(each.folder);
  for (const auto& each : plan.sounds) all.push_back(each.folder);
  return all;
}

const Decision& decision(const Plan& plan, const std::string& stage) {
  static const Decision none;
  for (const Decision& each : plan.decisions)
    if (each.stage == stage) return each;
  ADD_FAILURE() << "no decision about " << stage;
  return none;
}

TEST(Planner, TheMainJobIsTheAutoLadderWithOneSound) {
  const Plan plan = plan_of({abr()});
  EXPECT_THAT(folders(plan), ElementsAre("abr/1080p", "abr/720p", "abr/480p", "abr/360p", "abr/audio"));
  const PlannedRendition& second = plan.renditions[1];
  EXPECT_EQ(second.name, "720p");
  EXPECT_EQ(second.width, 1280);
  EXPECT_EQ(second.height, 720);
  EXPECT_EQ(second.bits_per_second, 2'800'000);
  EXPECT_EQ(second.frame_rate, (Rational{25, 1}));
  EXPECT_FALSE(second.max_frame_rate.known());
  EXPECT_EQ(second.preset, "veryfast");
  const PlannedSound& sound = plan.sounds[0];
  EXPECT_EQ(sound.channels, 2);
  EXPECT_EQ(sound.sample_rate, 48'000);
  EXPECT_EQ(sound.bits_per_second, 128'000);
  EXPECT_EQ(sound.language, "eng");
  ASSERT_EQ(plan.outputs.size(), 1U);
  EXPECT_EQ(plan.outputs[0].path, "abr");
  EXPECT_EQ(plan.outputs[0].type, PlannedOutput::Type::adaptive);
  EXPECT_THAT(plan.outputs[0].renditions, ElementsAre("abr/1080p", "abr/720p", "abr/480p", "abr/360p"));
  EXPECT_THAT(plan.outputs[0].sounds, ElementsAre("abr/audio"));
  EXPECT_THAT(plan.normalisations, IsEmpty());
  EXPECT_EQ(plan.clock.segment_ticks(), 360'000);
  EXPECT_EQ(plan.estimated_segments, 16);
  EXPECT_EQ(plan.estimated_bytes, 78'897'120);  // (5 + 2.8 + 1.4 + 0.8 + 0.128) Mb/s for 62.32 s
}

TEST(Planner, EveryStageHasADeviceAndAReason) {
  const Plan plan = plan_of({abr(), web()});
  std::vector<std::string> stages;
  for (const Decision& each : plan.decisions) {
    stages.push_back(each.stage);
    EXPECT_EQ(each.device, "cpu") << each.stage;
    EXPECT_NE(each.choice, "") << each.stage;
    EXPECT_NE(each.reason, "") << each.stage;
  }
  EXPECT_THAT(stages,
              ElementsAre("decode", "scale 1080p", "encode 1080p", "scale 720p", "encode 720p", "scale 480p",
                          "encode 480p", "scale 360p", "encode 360p", "sound", "package abr", "package web"));
  EXPECT_EQ(
      decision(plan, "decode").reason,
      "no GPU: nvidia: libcuda.so.1 not found; install the NVIDIA driver; vaapi: no /dev/dri/renderD128");
  EXPECT_EQ(decision(plan, "encode 720p").choice, "h264 veryfast, 2.8 Mb/s, 1 thread");
  EXPECT_EQ(decision(plan, "scale 1080p").choice, "1920x1080, as it is");
  EXPECT_THAT(decision(plan, "sound").reason, HasSubstr("6 channels are mixed down to two"));
}

TEST(Planner, CpuIsTheReasonWhenItWasAskedFor) {
  JobSpec spec = spec_of({abr()});
  spec.device.kind = DevicePreference::Kind::cpu;
  const Result<Plan> plan = make_plan(test::full_hd(), spec, test::without_gpu(), 2);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(decision(*plan, "decode").reason, "device cpu was asked for");
}

TEST(Planner, AGpuThatIsHereIsNamed) {
  hw::Inventory machine;
  machine.gpus = {{"nvidia", "NVIDIA L4", 0, 0, "", {}}};
  const Result<Plan> plan = make_plan(test::full_hd(), spec_of({abr()}), machine, 2);
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(decision(*plan, "decode").reason, HasSubstr("NVIDIA L4"));
}

TEST(Planner, AnAbsentDeviceThatWasAskedForIsUnsupportedWithItsNote) {
  JobSpec spec = spec_of({abr()});
  spec.device.kind = DevicePreference::Kind::cuda;
  Status status = make_plan(test::full_hd(), spec, test::without_gpu(), 2).status();
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_EQ(status.field(), "device");
  EXPECT_THAT(status.message(), HasSubstr("libcuda.so.1 not found"));
  spec.device = {DevicePreference::Kind::vaapi, "/dev/dri/renderD128"};
  status = make_plan(test::full_hd(), spec, test::without_gpu(), 2).status();
  EXPECT_THAT(status.message(), HasSubstr("vaapi:/dev/dri/renderD128: no /dev/dri/renderD128"));
  hw::Inventory machine;
  machine.gpus = {{"nvidia", "NVIDIA L4", 0, 0, "", {}}};
  spec.device = {DevicePreference::Kind::cuda, ""};
  EXPECT_THAT(make_plan(test::full_hd(), spec, machine, 2).status().message(),
              HasSubstr("NVIDIA L4 is here"));
}

TEST(Planner, ThreadsFollowTheCores) {
  EXPECT_EQ(plan_of({abr()}).renditions[0].encoder_threads, 2);
  EXPECT_EQ(plan_of({abr()}).renditions[1].encoder_threads, 1);
  EXPECT_EQ(plan_of({abr()}).decoder_threads, 1);
  const Plan many = plan_of({abr()}, test::full_hd(), 16);
  EXPECT_EQ(many.renditions[0].encoder_threads, 10);
  EXPECT_EQ(many.decoder_threads, 8);
  EXPECT_EQ(plan_of({abr()}, test::full_hd(), 0).renditions[0].encoder_threads, 1);
}

TEST(Planner, ALadderAboveThePictureIsRefusedWithItsField) {
  AdaptiveOutput output = abr();
  output.ladder = {{2160, 0, {}, {}}};
  const Status status = refusal_of({web(), output});
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_EQ(status.field(), "outputs[1].ladder");
  EXPECT_EQ(status.message(), "outputs[1].ladder: 2160p: the source is 1920x1080; remove it");
}

TEST(Planner, AFileAboveThePictureIsRefusedWithItsField) {
  FileOutput output = web();
  output.height = 1440;
  const Status status = refusal_of({output});
  EXPECT_EQ(status.field(), "outputs[0].video.height");
  EXPECT_THAT(status.message(), HasSubstr("the source is 1920x1080"));
}

TEST(Planner, TheLadderIsOfThePictureAsItIsShown) {
  Source phone = test::full_hd();
  phone.video[0].rotation_degrees = 90;
  phone.video[0].width = 1280;
  phone.video[0].height = 720;
  const Plan plan = plan_of({abr()}, phone);
  EXPECT_THAT(folders(plan), ElementsAre("abr/720p", "abr/480p", "abr/360p", "abr/audio"));
  EXPECT_EQ(plan.renditions[0].width, 720);
  EXPECT_EQ(plan.renditions[0].height, 1280);
  EXPECT_EQ(decision(plan, "rotate").choice, "transpose=clock");
  EXPECT_THAT(decision(plan, "rotate").reason, HasSubstr("90 degrees"));
}

TEST(Planner, AFileWithoutWishesTakesTheLargestAdaptiveRendition) {
  const Plan plan = plan_of({web(), abr()});
  EXPECT_THAT(folders(plan), ElementsAre("abr/1080p", "abr/720p", "abr/480p", "abr/360p", "abr/audio"));
  EXPECT_EQ(plan.outputs[0].path, "web.mp4");
  EXPECT_THAT(plan.outputs[0].renditions, ElementsAre("abr/1080p"));
  EXPECT_THAT(plan.outputs[0].sounds, ElementsAre("abr/audio"));
  EXPECT_THAT(decision(plan, "package web").choice,
              HasSubstr("web.mp4, joined from the segments of abr/1080p"));
}

TEST(Planner, AFileTakesTheLargestAlsoWhereItIsBelowTheSource) {
  AdaptiveOutput output = abr();
  output.ladder = {{480, 900'000, {}, {}}, {720, 0, {}, {}}};
  EXPECT_THAT(plan_of({output, web()}).outputs[1].renditions, ElementsAre("abr/720p"));
}

TEST(Planner, AFileOfTheSameHeightAndBitsIsNotEncodedTwice) {
  FileOutput file = web();
  file.height = 720;
  EXPECT_THAT(plan_of({abr(), file}).outputs[1].renditions, ElementsAre("abr/720p"));
  file.bits_per_second = 2'800'000;
  EXPECT_THAT(plan_of({abr(), file}).outputs[1].renditions, ElementsAre("abr/720p"));
}

TEST(Planner, AFileWithWishesOfItsOwnGetsItsOwnRendition) {
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

TEST(Planner, TwoFilesWithTheSameWishesShareARendition) {
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

TEST(Planner, AFileWithOtherSoundBitsGetsItsOwnSound) {
  FileOutput file = web();
  file.audio.bits_per_second = 64'000;
  const Plan plan = plan_of({abr(), file});
  EXPECT_THAT(plan.outputs[1].renditions, ElementsAre("abr/1080p"));
  EXPECT_THAT(plan.outputs[1].sounds, ElementsAre(".parts/web.audio"));
  EXPECT_EQ(plan.sounds[1].bits_per_second, 64'000);
}

TEST(Planner, FoldersNeverMeetWhateverTheNamesAre) {
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

TEST(Planner, AFileAloneIsAtMostFullHd) {
  Source big = test::full_hd();
  big.video[0].width = 3840;
  big.video[0].height = 2160;
  const Plan plan = plan_of({web()}, big);
  EXPECT_THAT(folders(plan), ElementsAre(".parts/web", ".parts/web.audio"));
  EXPECT_EQ(plan.renditions[0].height, 1080);
  EXPECT_EQ(plan.renditions[0].bits_per_second, 5'000'000);
  EXPECT_EQ(plan.estimated_bytes, 2 * 39'947'120);  // the segments, and the file joined from them
}

TEST(Planner, RenditionsAreLargestFirstWhoeverUsesThem) {
  FileOutput file = web();
  file.height = 600;
  EXPECT_THAT(folders(plan_of({abr(), file})),
              ElementsAre("abr/1080p", "abr/720p", ".parts/web", "abr/480p", "abr/360p", "abr/audio"));
}

TEST(Planner, TwoRenditionsOfOneNameAreTold) {
  FileOutput file = web();
  file.height = 720;
  file.bits_per_second = 1'000'000;
  const Plan plan = plan_of({abr(), file});
  EXPECT_THAT(plan.decisions, Contains(Field(&Decision::stage, "encode abr/720p")));
  EXPECT_THAT(plan.decisions, Contains(Field(&Decision::stage, "encode .parts/web")));
}

TEST(Planner, ARateLimitBindsOnlyAFasterSource) {
  AdaptiveOutput output = abr();
  output.ladder = {{720, 0, {30, 1}, {}}, {360, 0, {}, {}}};
  Source fast = test::full_hd();
  fast.video[0].frame_rate = {60, 1};
  const Plan limited = plan_of({output}, fast);
  EXPECT_EQ(limited.renditions[0].max_frame_rate, (Rational{30, 1}));
  EXPECT_EQ(limited.renditions[0].frame_rate, (Rational{30, 1}));
  EXPECT_EQ(limited.renditions[0].bits_per_second, 2'800'000);
  EXPECT_EQ(limited.renditions[1].frame_rate, (Rational{60, 1}));
  EXPECT_EQ(limited.renditions[1].bits_per_second, 1'200'000);
  EXPECT_EQ(decision(limited, "frame rate 720p").choice, "at most 30 fps");
  const Plan free = plan_of({output});
  EXPECT_FALSE(free.renditions[0].max_frame_rate.known());
  EXPECT_EQ(free.renditions[0].frame_rate, (Rational{25, 1}));
}

TEST(Planner, AVariableRateKeepsItsTimestampsAndPlainSegments) {
  Source source = test::full_hd();
  source.video[0].variable_frame_rate = true;
  source.video[0].frame_rate = {2975, 197};
  AdaptiveOutput output = abr();
  output.ladder = {{720, 0, {30, 1}, {}}};
  const Plan plan = plan_of({output}, source);
  EXPECT_EQ(plan.clock.segment_ticks(), 360'000);
  EXPECT_EQ(plan.renditions[0].max_frame_rate, (Rational{30, 1})) << "peaks may be faster than the average";
  EXPECT_EQ(plan.renditions[0].frame_rate, (Rational{2975, 197}));
  EXPECT_THAT(decision(plan, "frame rate").reason, HasSubstr("varies"));
}

TEST(Planner, SegmentsAreOfTheLengthAskedForInWholeFrames) {
  Source source = test::full_hd();
  source.video[0].frame_rate = {30000, 1001};
  AdaptiveOutput output = abr();
  output.segment_seconds = 2;
  EXPECT_EQ(plan_of({output}, source).clock.segment_ticks(), 180'180);
}

TEST(Planner, SoundKeepsItsRateAndMonoStaysMono) {
  Source source = test::full_hd();
  source.audio[0].channels = 1;
  source.audio[0].sample_rate = 44'100;
  AdaptiveOutput output = abr();
  output.audio.bits_per_second = 512'000;
  Plan plan = plan_of({output}, source);
  EXPECT_EQ(plan.sounds[0].channels, 1);
  EXPECT_EQ(plan.sounds[0].sample_rate, 44'100);
  EXPECT_EQ(plan.sounds[0].bits_per_second, 264'600) << "AAC-LC holds no more in one channel";
  source.audio[0].sample_rate = 16'000;
  plan = plan_of({abr()}, source);
  EXPECT_EQ(plan.sounds[0].sample_rate, 48'000);
  EXPECT_THAT(decision(plan, "sound").reason, HasSubstr("16000 Hz is resampled"));
}

TEST(Planner, ASilentSourceHasNoSoundAndSaysSo) {
  Source source = test::full_hd();
  source.audio.clear();
  source.chosen_audio = -1;
  const Plan plan = plan_of({abr(), web()}, source);
  EXPECT_THAT(plan.sounds, IsEmpty());
  EXPECT_THAT(plan.outputs[0].sounds, IsEmpty());
  EXPECT_EQ(decision(plan, "sound").choice, "none");
  EXPECT_EQ(decision(plan, "sound").reason, "the source has no sound");
}

TEST(Planner, ASourceWithoutAPictureIsUnsupported) {
  Source source = test::full_hd();
  source.video[0].attached_picture = true;
  const Status status = refusal_of({abr()}, source);
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_EQ(status.field(), "input.url");
  EXPECT_THAT(status.message(), HasSubstr("no picture"));
}

TEST(Planner, AnUnknownDurationGivesNoEstimate) {
  Source source = test::full_hd();
  source.duration_seconds = source.video[0].duration_seconds = 0;
  const Plan plan = plan_of({abr()}, source);
  EXPECT_EQ(plan.estimated_segments, 0);
  EXPECT_EQ(plan.estimated_bytes, 0);
}

TEST(Planner, APlanSurvivesItsJourneyToAWorker) {
  const Plan plan = plan_of({abr(), web()});
  const std::string text = to_json(plan).dump();
  const Result<Plan> read = plan_from_json(nlohmann::ordered_json::parse(text));
  ASSERT_TRUE(read.ok()) << to_string(read.status());
  EXPECT_EQ(to_json(*read).dump(), text);
  EXPECT_THAT(describe(plan), HasSubstr("abr/1080p"));
}

}  // namespace
}  // namespace millrace::engine
