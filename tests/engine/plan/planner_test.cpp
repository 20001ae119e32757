#include "engine/plan/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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
using test::spec_of;
using test::web;

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
  EXPECT_THAT(stages, ElementsAre("decode", "scale 1080p", "encode 1080p", "scale 720p", "encode 720p",
                                  "scale 480p", "encode 480p", "scale 360p", "encode 360p", "decode check",
                                  "sound", "package abr", "package web"));
  EXPECT_EQ(
      decision(plan, "decode").reason,
      "no GPU: nvidia: libcuda.so.1 not found; install the NVIDIA driver; vaapi: no /dev/dri/renderD128");
  EXPECT_EQ(decision(plan, "encode 720p").choice, "h264 veryfast, 2.8 Mb/s, 1 thread");
  EXPECT_EQ(decision(plan, "scale 1080p").choice, "1920x1080, as it is");
  EXPECT_THAT(decision(plan, "sound").reason, HasSubstr("6 channels are mixed down to stereo"));
  EXPECT_EQ(decision(plan, "package abr").choice,
            "hls and dash over one set of CMAF segments of h264 and aac");
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
  EXPECT_EQ(plan_of({abr()}).ranges_at_once, 1);
  const Plan many = plan_of({abr()}, test::full_hd(), 16);
  EXPECT_EQ(many.ranges_at_once, 4);  // of four cores each
  EXPECT_EQ(many.renditions[0].encoder_threads, 3);
  EXPECT_EQ(many.decoder_threads, 2);
  EXPECT_THAT(describe(many), HasSubstr("4 at once"));
  EXPECT_EQ(plan_of({abr()}, test::full_hd(), 0).renditions[0].encoder_threads, 1);
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

TEST(Planner, ASourceOfSoundAloneGivesSoundAlone) {
  Source source = test::full_hd();
  source.video[0].attached_picture = true;
  AudioOutput sound;
  sound.name = "sound";
  const Plan plan = plan_of({abr(), web(), sound}, source);
  EXPECT_THAT(folders(plan), ElementsAre("abr/audio"));
  EXPECT_THAT(plan.outputs[0].renditions, IsEmpty());
  EXPECT_THAT(plan.outputs[1].sounds, ElementsAre("abr/audio"));
  EXPECT_FALSE(plan.outputs[1].is_made_alone());
  EXPECT_EQ(plan.clock.segment_ticks(), 360'000);
  EXPECT_EQ(plan.estimated_segments, 16);
  EXPECT_EQ(decision(plan, "package abr").reason, "the source has no picture");
  EXPECT_THAT(plan.decisions, Not(Contains(Field(&Decision::stage, "decode"))));
}

Source hdr10() {
  Source source = test::full_hd();
  source.video[0].pixel_format = "yuv420p10le";
  source.video[0].color_matrix = "bt2020nc";
  source.video[0].color_primaries = "bt2020";
  source.video[0].color_transfer = "smpte2084";
  return source;
}

TEST(Planner, HdrIsKeptWhenAskedForAndStillsStaySdr) {
  AdaptiveOutput output = abr();
  output.codec = VideoCodec::hevc;
  output.keep_hdr = true;
  ThumbnailsOutput stills;
  stills.name = "stills";
  stills.every = 10;
  const Plan plan = plan_of({output, stills}, hdr10());
  for (const PlannedRendition& each : plan.renditions) EXPECT_TRUE(each.ten_bit) << each.folder;
  EXPECT_EQ(plan.normalise_filter(), "");
  EXPECT_THAT(decision(plan, "encode 720p").choice, HasSubstr("hevc veryfast, 10 bit"));
  EXPECT_THAT(decision(plan, "package stills").reason, HasSubstr("in SDR"));
}

TEST(Planner, HdrIsToneMappedOtherwise) {
  const Plan plan = plan_of({abr()}, hdr10());
  EXPECT_FALSE(plan.renditions[0].ten_bit);
  EXPECT_THAT(decision(plan, "tone_map").reason, HasSubstr("PQ"));
}

TEST(Planner, TwoDynamicRangesInOneJobAreRefused) {
  AdaptiveOutput kept = abr();
  kept.codec = VideoCodec::hevc;
  kept.keep_hdr = true;
  EXPECT_EQ(refusal_of({kept, web()}, hdr10()).field(), "outputs[1].video.hdr");
  EXPECT_TRUE(make_plan(test::full_hd(), spec_of({kept, web()}), test::without_gpu(), 2).ok())
      << "SDR is SDR";
}

TEST(Planner, SubtitlesGoToAdaptiveOutputsAndTheRestIsNamed) {
  Source source = test::full_hd();
  source.other = {{2, "subtitle", "subrip", "eng", "", true, false},
                  {3, "subtitle", "hdmv_pgs_subtitle", "eng", "", false, false},
                  {4, "data", "bin_data", "", "", false, false}};
  JobSpec spec = spec_of({abr(), web()});
  spec.subtitles = {{"file:///media/de.srt", "de", "Deutsch"}};
  Result<Plan> plan = make_plan(source, spec, test::without_gpu(), 2);
  ASSERT_TRUE(plan.ok()) << to_string(plan.status());
  EXPECT_THAT(plan->outputs[0].subtitles, ElementsAre("abr/subtitles-eng", "abr/subtitles-de"));
  EXPECT_THAT(plan->outputs[1].subtitles, IsEmpty());
  EXPECT_EQ(plan->subtitles[1].name, "Deutsch");
  EXPECT_THAT(decision(*plan, "subtitles").choice, HasSubstr("stream 3 (hdmv_pgs_subtitle, eng) is dropped"));
  std::get<AdaptiveOutput>(spec.outputs[0]).subtitles = false;
  spec.subtitles.clear();
  plan = make_plan(source, spec, test::without_gpu(), 2);
  EXPECT_THAT(plan->subtitles, IsEmpty());
  EXPECT_THAT(decision(*plan, "subtitles").reason, HasSubstr("no output takes it"));
}

TEST(Planner, OverlaysAreSharesOfThePictureAsItIsShown) {
  Source phone = test::full_hd();
  phone.video[0].rotation_degrees = 90;
  JobSpec spec = spec_of({abr()});
  Overlay logo;
  logo.url = "file:///media/logo.png";
  logo.x = {108, false};
  logo.y = {10, true};
  spec.overlays = {logo};
  const Result<Plan> plan = make_plan(phone, spec, test::without_gpu(), 2);
  ASSERT_TRUE(plan.ok()) << to_string(plan.status());
  EXPECT_DOUBLE_EQ(plan->overlays.at(0).x, 0.1);
  EXPECT_DOUBLE_EQ(plan->overlays.at(0).y, 0.1);
  EXPECT_THAT(decision(*plan, "overlay 1").choice, HasSubstr("logo.png at top_left"));
  spec.overlays[0].x = {1080, false};
  EXPECT_EQ(make_plan(phone, spec, test::without_gpu(), 2).status().field(), "overlays[0].x");
}

TEST(Planner, OverlaysNeedAPictureThatIsCoded) {
  Source source = test::full_hd();
  source.chosen_video = -1;
  JobSpec spec = spec_of({abr()});
  spec.overlays = {Overlay()};
  EXPECT_EQ(make_plan(source, spec, test::without_gpu(), 2).status().field(), "overlays");
}

TEST(Planner, ATrimShortensEverything) {
  JobSpec spec = spec_of({abr()});
  spec.trim = {1.5, 21.5};
  const Result<Plan> plan = make_plan(test::full_hd(), spec, test::without_gpu(), 2);
  ASSERT_TRUE(plan.ok()) << to_string(plan.status());
  EXPECT_EQ(plan->trim_from, 38 * 3600);
  EXPECT_EQ(plan->trim_to, 538 * 3600);
  EXPECT_EQ(plan->estimated_segments, 5);
  EXPECT_EQ(plan->estimated_bytes, 25'320'000);
  EXPECT_EQ(decision(*plan, "trim").choice, "1.52 s to 21.52 s");
  ThumbnailsOutput stills;
  stills.name = "stills";
  stills.at = {20};
  spec.outputs.emplace_back(stills);
  EXPECT_EQ(make_plan(test::full_hd(), spec, test::without_gpu(), 2).status().field(), "outputs[1].at[0]")
      << "times are the output's";
}

TEST(Planner, DamageThatIsAcceptedIsTold) {
  Source source = test::full_hd();
  source.damage = {"packet 7 is damaged at 1.2 s"};
  JobSpec spec = spec_of({abr()});
  EXPECT_FALSE(make_plan(source, spec, test::without_gpu(), 2)->accept_damage);
  spec.on_damage = OnDamage::accept;
  const Result<Plan> plan = make_plan(source, spec, test::without_gpu(), 2);
  EXPECT_TRUE(plan->accept_damage);
  EXPECT_THAT(decision(*plan, "damage").reason, HasSubstr("packet 7 is damaged at 1.2 s"));
}

TEST(Planner, APaceIsToldAndNeedsSegments) {
  JobSpec spec = spec_of({abr()});
  EXPECT_FALSE(make_plan(test::full_hd(), spec, test::without_gpu(), 2)->real_time);
  spec.real_time = true;
  const Result<Plan> plan = make_plan(test::full_hd(), spec, test::without_gpu(), 2);
  EXPECT_TRUE(plan->real_time);
  EXPECT_THAT(decision(*plan, "pace").choice, HasSubstr("no faster than they play"));
  AudioOutput sound;
  sound.name = "sound";
  spec.outputs = {sound};
  EXPECT_EQ(make_plan(test::full_hd(), spec, test::without_gpu(), 2).status().field(), "real_time");
}

TEST(Planner, OfSeveralPicturesTheChoiceIsTold) {
  Source source = test::full_hd();
  VideoTrack other = source.video[0];
  other.index = 3;
  other.width = 480;
  other.height = 270;
  VideoTrack cover = other;
  cover.attached_picture = true;
  source.video = {other, source.video[0], cover};
  source.chosen_video = 1;
  source.video[1].is_default = true;
  EXPECT_EQ(decision(plan_of({abr()}, source), "picture").choice, "stream 3 (h264, 480x270) is left out");
  EXPECT_EQ(decision(plan_of({abr()}, source), "picture").reason, "stream 0 is the default");
}

TEST(Planner, PulldownThatIsLeftAloneIsTold) {
  Source source = test::full_hd();
  source.video[0].scan_note = "16 of 40 frames that move show two fields, as telecine does";
  EXPECT_EQ(decision(plan_of({abr()}, source), "deinterlace").choice, "none");
  EXPECT_EQ(decision(plan_of({abr()}, source), "deinterlace").reason, source.video[0].scan_note);
}

TEST(Planner, AnUnknownDurationGivesNoEstimate) {
  Source source = test::full_hd();
  source.duration_seconds = source.video[0].duration_seconds = 0;
  const Plan plan = plan_of({abr()}, source);
  EXPECT_EQ(plan.estimated_segments, 0);
  EXPECT_EQ(plan.estimated_bytes, 0);
}

TEST(Planner, APromisedLengthIsEstimatedByButRefusesNoStill) {
  Source source = test::full_hd();
  source.duration_seconds = source.video[0].duration_seconds = 4;
  source.length_promised = true;
  ThumbnailsOutput stills;
  stills.name = "stills";
  stills.at = {1, 15};
  const Plan plan = plan_of({abr(), stills}, source);
  EXPECT_EQ(plan.estimated_segments, 1);
  EXPECT_GT(plan.estimated_bytes, 0);
}

TEST(Planner, APlanSurvivesItsJourneyToAWorker) {
  AudioOutput sound;
  sound.name = "sound";
  SpritesOutput sprites;
  sprites.name = "scrub";
  const Plan plan = plan_of({abr(), web(), sound, sprites});
  const std::string text = to_json(plan).dump();
  const Result<Plan> read = plan_from_json(nlohmann::ordered_json::parse(text));
  ASSERT_TRUE(read.ok()) << to_string(read.status());
  EXPECT_EQ(to_json(*read).dump(), text);
  EXPECT_THAT(describe(plan), HasSubstr("abr/1080p"));
}

TEST(Planner, CaptionsAreCarriedOrDroppedByName) {
  Source source = test::full_hd();
  source.video[0].closed_captions = true;
  AdaptiveOutput output = test::abr();
  output.ladder = {{720, 0, {}, {}}, {480, 0, {}, VideoCodec::av1}, {360, 0, {}, VideoCodec::vp9}};
  const Plan plan = test::plan_of({output}, source);
  std::vector<std::string> told;
  for (const Decision& each : plan.decisions)
    if (each.stage == "captions") told.push_back(each.choice + ": " + each.reason);
  EXPECT_THAT(
      told,
      ::testing::ElementsAre(
          "CEA-608 stays in the pictures of 720p: h264 carries it",
          "CEA-608 is dropped in 480p, 360p: no captions are written by libsvtav1, libvpx-vp9 as FFmpeg has "
          "it; h264 carries them"));
}

}  // namespace
}  // namespace millrace::engine
