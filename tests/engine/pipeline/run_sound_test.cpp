#include <gmock/gmock.h>

#include <cmath>

#include "engine/base/file.h"
#include "tests/engine/pipeline/tasks.h"
#include "tests/support/media_sample.h"
#include "tests/support/played_track.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using test::make_sample;
using test::play;
using test::PlayedTrack;

class RunSoundTest : public testing::Test {
 protected:
  // The finished track of a source with this sound and a picture of two seconds.
  PlayedTrack made_from(const test::SampleSound& sound, const std::string& name = "a.mp4",
                        const std::optional<test::SampleVideo>& video = test::SampleVideo{},
                        const std::function<void(Plan&)>& change = {}) {
    make_sample(folder_ / name, video, sound);
    const auto source = inspect(folder_ / name);
    EXPECT_TRUE(source.ok()) << to_string(source.status());
    Plan plan = plan_for(*source);
    if (change) change(plan);
    const auto result = run_sound({plan, 0, folder_ / "out"}, observer_, {});
    EXPECT_TRUE(result.ok()) << to_string(result.status());
    return play(folder_ / "out/audio");
  }
  std::int64_t total(std::int64_t FinishedSegment::*what) {
    std::int64_t sum = 0;
    for (const FinishedSegment& segment : observer_.tracks["audio"]) sum += segment.*what;
    return sum;
  }
  // Seconds of the first sample that is loud.
  static double onset(const PlayedTrack& track) {
    for (std::size_t i = 0; i < track.samples.size(); ++i)
      if (std::abs(track.samples[i]) > 0.2)
        return track.first_sample_seconds + static_cast<double>(i) / track.sample_rate;
    return -1;
  }

  const test::TempFolder folder_;
  RememberingObserver observer_;
};

TEST_F(RunSoundTest, CutsWholeFramesOnTheGrid) {
  const PlayedTrack track = made_from({});
  EXPECT_EQ(track.sample_rate, 48'000);
  EXPECT_NEAR(track.first_sample_seconds, 0, 0.03);
  const auto& segments = observer_.tracks["audio"];
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_EQ(segments[0].start, 0);
  EXPECT_EQ(segments[0].timescale, 48'000);
  EXPECT_EQ(segments[1].start, segments[0].duration);
  EXPECT_GE(segments[1].start, 48'000);
  EXPECT_LT(segments[1].start, 48'000 + 1024);
  EXPECT_EQ(segments[1].start % 1024, 0);
  EXPECT_EQ(total(&FinishedSegment::duration), 96'000);
  EXPECT_EQ(total(&FinishedSegment::frames), 96'000);
  EXPECT_EQ(total(&FinishedSegment::frames_in), 96'000);
}

TEST_F(RunSoundTest, PutsSoundWhereItBelongs) {
  test::SampleSound sound;
  sound.silent_until = 0.75;
  EXPECT_NEAR(onset(made_from(sound)), 0.75, 0.005);
}

TEST_F(RunSoundTest, FillsALateStartWithSilence) {
  test::SampleSound sound;
  sound.start_seconds = 0.5;
  sound.seconds = 1.5;
  sound.silent_until = 0.25;
  EXPECT_NEAR(onset(made_from(sound)), 0.75, 0.005);
  EXPECT_EQ(total(&FinishedSegment::duration), 96'000);
}

TEST_F(RunSoundTest, FillsALateStartInATransportStream) {
  test::SampleSound sound;
  sound.encoder = "mp2";
  sound.start_seconds = 0.5;
  sound.seconds = 1.5;
  sound.silent_until = 0.25;
  EXPECT_NEAR(onset(made_from(sound, "a.ts")), 0.75, 0.015);
}

TEST_F(RunSoundTest, EndsWithThePicture) {
  test::SampleSound sound;
  sound.seconds = 5;
  made_from(sound);
  EXPECT_NEAR(static_cast<double>(total(&FinishedSegment::duration)), 96'000, 480);
  EXPECT_EQ(observer_.tracks["audio"].size(), 2u);
}

TEST_F(RunSoundTest, EndsBeforeThePictureWhenItIsShorter) {
  test::SampleSound sound;
  sound.seconds = 1.2;
  made_from(sound);
  EXPECT_NEAR(static_cast<double>(total(&FinishedSegment::duration)), 1.2 * 48'000, 1100);
}

TEST_F(RunSoundTest, SaysWhetherItEndsWithTheSourcesSound) {
  const auto cut_at = [&] { return observer_.tracks["audio"].back().sound_cut_at; };
  made_from({.seconds = 3});
  EXPECT_EQ(cut_at(), 96'000);
  observer_.tracks.clear();
  made_from({.sample_rate = 44'100, .seconds = 3}, "b.mp4");
  EXPECT_EQ(cut_at(), 96'000);
  observer_.tracks.clear();
  made_from({.seconds = 1}, "c.mp4");
  EXPECT_EQ(cut_at(), -1);
}

TEST_F(RunSoundTest, IsNeverCutWhereTheSourceIsOnlyPromisedToEnd) {
  made_from({.seconds = 3}, "a.mp4", test::SampleVideo{}, [](Plan& plan) {
    plan.source.duration_seconds = plan.source.video[0].duration_seconds = 0.5;
    plan.source.length_promised = true;
  });
  EXPECT_NEAR(static_cast<double>(total(&FinishedSegment::frames_in)), 144'000, 1024);
  EXPECT_EQ(observer_.tracks["audio"].back().sound_cut_at, -1);
}

TEST_F(RunSoundTest, EndsWithTheTrimWhereTheSourceIsOnlyPromisedToEnd) {
  made_from({.seconds = 3}, "a.mp4", test::SampleVideo{}, [](Plan& plan) {
    plan.source.duration_seconds = plan.source.video[0].duration_seconds = 0.5;
    plan.source.length_promised = true;
    plan.trim_from = kTicksPerSecond;
    plan.trim_to = 2 * kTicksPerSecond;
  });
  EXPECT_EQ(total(&FinishedSegment::frames_in), 48'000);
}

TEST_F(RunSoundTest, MixesDownAndResamples) {
  test::SampleSound sound;
  sound.encoder = "ac3";
  sound.channels = 6;
  sound.sample_rate = 44'100;
  const PlayedTrack track = made_from(sound, "a.mkv");
  EXPECT_EQ(track.channels, 2);
  EXPECT_EQ(track.sample_rate, 48'000);
  EXPECT_NEAR(static_cast<double>(track.samples.size()), 96'000, 2500);
}

TEST_F(RunSoundTest, WorksWithoutAPicture) {
  test::SampleSound sound;
  sound.seconds = 3;
  made_from(sound, "a.m4a", std::nullopt);
  EXPECT_NEAR(static_cast<double>(total(&FinishedSegment::duration)), 3 * 48'000, 1100);
}

TEST_F(RunSoundTest, SoundAloneIsCutOnTheGridToo) {
  test::SampleSound sound;
  sound.seconds = 3;
  sound.silent_until = 2.5;
  EXPECT_NEAR(onset(made_from(sound, "a.m4a", std::nullopt)), 2.5, 0.005);
  const auto& segments = observer_.tracks["audio"];
  ASSERT_EQ(segments.size(), 3u);
  EXPECT_GE(segments[2].start, 96'000);
  EXPECT_LT(segments[2].start, 96'000 + 1024);
}

// What lips and voices need: both ends of the sound lie within 20 ms, whatever held it.
TEST_F(RunSoundTest, IsInTimeFromEveryContainer) {
  struct Case {
    const char* name;
    const char* encoder;
  };
  for (const Case& each : {Case{"a.mp4", "aac"}, Case{"a.mov", "pcm_s16le"}, Case{"a.mkv", "ac3"},
                           Case{"b.mkv", "libopus"}, Case{"c.mkv", "flac"}, Case{"a.ts", "aac"},
                           Case{"b.ts", "mp2"}, Case{"a.avi", "pcm_s16le"}, Case{"a.flv", "aac"}}) {
    for (const double at : {0.25, 1.85}) {
      test::SampleSound sound;
      sound.encoder = each.encoder;
      sound.silent_until = at;
      if (std::string_view(each.name).ends_with("flv")) sound.sample_rate = 44'100;
      const test::TempFolder folder;
      test::SampleVideo video;
      if (std::string_view(each.name).ends_with("avi"))
        video.b_frames = 0;  // AVI has no place for their times
      make_sample(folder / each.name, video, sound);
      const auto source = inspect(folder / each.name);
      ASSERT_TRUE(source.ok()) << each.name << to_string(source.status());
      RememberingObserver observer;
      const auto result = run_sound({plan_for(*source), 0, folder / "out"}, observer, {});
      ASSERT_TRUE(result.ok()) << each.name << to_string(result.status());
      EXPECT_NEAR(onset(play(folder / "out/audio")), at, 0.02) << each.name;
    }
  }
}

TEST_F(RunSoundTest, KeepsSurround) {
  test::SampleSound sound;
  sound.encoder = "ac3";
  sound.channels = 6;
  const PlayedTrack track = made_from(sound, "a.mkv", test::SampleVideo{}, [](Plan& plan) {
    plan.sounds[0].channels = 6;
    plan.sounds[0].bits_per_second = 384'000;
  });
  EXPECT_EQ(track.channels, 6);
  EXPECT_EQ(total(&FinishedSegment::frames), 96'000);
}

TEST_F(RunSoundTest, MakesOpus) {
  test::SampleSound sound;
  sound.silent_until = 1.5;
  const PlayedTrack track = made_from(sound, "a.mp4", test::SampleVideo{},
                                      [](Plan& plan) { plan.sounds[0].codec = AudioCodec::opus; });
  EXPECT_NEAR(onset(track), 1.5, 0.005);
  EXPECT_EQ(total(&FinishedSegment::duration), 96'000);
  const auto& segments = observer_.tracks["audio"];
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_LT(segments[1].start, 48'000 + 960);
}

TEST_F(RunSoundTest, TakesTheTrackOfThePlan) {
  test::SampleSound sound;
  sound.silent_until = 0.5;
  make_sample(folder_ / "a.mp4", test::SampleVideo{}, sound);
  auto source = inspect(folder_ / "a.mp4");
  ASSERT_TRUE(source.ok());
  // The same stream under two numbers: the plan's, not the source's choice, is taken.
  source->audio.insert(source->audio.begin(), AudioTrack());
  Plan plan = plan_for(*source);
  plan.sounds[0].source_track = 1;
  const auto result = run_sound({plan, 0, folder_ / "out"}, observer_, {});
  ASSERT_TRUE(result.ok()) << to_string(result.status());
  EXPECT_NEAR(onset(play(folder_ / "out/audio")), 0.5, 0.005);
}

TEST_F(RunSoundTest, BeginsWhereTheTrimDoes) {
  test::SampleSound sound;
  sound.silent_until = 1.5;
  EXPECT_NEAR(
      onset(made_from(sound, "a.mp4", test::SampleVideo{}, [](Plan& plan) { plan.trim_from = 90'000; })), 0.5,
      0.005);
  EXPECT_EQ(total(&FinishedSegment::duration), 48'000);
}

TEST_F(RunSoundTest, SoundOutsideThePictureIsNoSegmentAndNoFailure) {
  test::SampleSound sound;
  sound.seconds = 0.5;
  make_sample(folder_ / "a.mp4", test::SampleVideo{}, sound);
  const auto source = inspect(folder_ / "a.mp4");
  ASSERT_TRUE(source.ok());
  Plan plan = plan_for(*source);
  plan.trim_from = 90'000;
  const auto result = run_sound({plan, 0, folder_ / "out"}, observer_, {});
  ASSERT_TRUE(result.ok()) << to_string(result.status());
  EXPECT_EQ(result->end_segment, 0);
  EXPECT_TRUE(result->end_of_source);
  EXPECT_TRUE(observer_.tracks["audio"].empty());
}

TEST_F(RunSoundTest, RefusesDamage) {
  make_sample(folder_ / "a.mp4", std::nullopt, test::SampleSound{});
  const auto source = inspect(folder_ / "a.mp4");
  ASSERT_TRUE(source.ok());
  std::string bytes = read_file(folder_ / "a.mp4").value();
  const auto mdat = bytes.find("mdat");
  for (std::size_t i = mdat + 8000; i < mdat + 12'000; ++i) bytes[i] = static_cast<char>(0xff);
  ASSERT_TRUE(write_file(folder_ / "a.mp4", bytes).ok());
  const auto result = run_sound({plan_for(*source), 0, folder_ / "out"}, observer_, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), Code::corrupt_input);
  EXPECT_THAT(result.status().message(), testing::ContainsRegex("at [0-9.]+ s: damaged sound"));
}

// A transport stream without the packet with which its sound, 0x101, begins for the n-th time (from 0).
std::string without_beginning(const std::string& stream, int n) {
  std::string rest;
  int beginnings = -1;
  for (std::size_t at = 0; at + 188 <= stream.size(); at += 188) {
    const bool sound = (stream[at + 1] & 0x1f) == 1 && stream[at + 2] == 1;
    const bool begins = sound && (stream[at + 1] & 0x40) != 0;
    if (begins) ++beginnings;
    if (!begins || beginnings != n) rest += stream.substr(at, 188);
  }
  return rest;
}

TEST_F(RunSoundTest, RefusesATransportStreamThatLostSound) {
  test::SampleSound sound;
  sound.seconds = 4;
  test::SampleVideo video;
  video.frames = 100;
  make_sample(folder_ / "a.ts", video, sound);
  const std::string bytes = read_file(folder_ / "a.ts").value();
  ASSERT_TRUE(write_file(folder_ / "lost.ts", without_beginning(bytes, 5)).ok());
  const auto source = inspect(folder_ / "lost.ts");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  Plan plan = plan_for(*source);
  const auto result = run_sound({plan, 0, folder_ / "out"}, observer_, {});
  EXPECT_EQ(result.status().code(), Code::corrupt_input);
  EXPECT_THAT(result.status().message(), testing::ContainsRegex("at [0-9.]+ s: packets were lost"));
  plan.accept_damage = true;
  const auto accepted = run_sound({plan, 0, folder_ / "out2"}, observer_, {});
  ASSERT_TRUE(accepted.ok()) << to_string(accepted.status());
  EXPECT_THAT(accepted->lost, testing::Contains(testing::ContainsRegex("packets were lost")));
}

TEST_F(RunSoundTest, TransportStreamsPutOneBehindTheOtherLostNothing) {
  make_sample(folder_ / "a.ts", test::SampleVideo{}, test::SampleSound{});
  const std::string bytes = read_file(folder_ / "a.ts").value();
  ASSERT_TRUE(write_file(folder_ / "b.ts", bytes + bytes).ok());
  const auto source = inspect(folder_ / "b.ts");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  const auto result = run_sound({plan_for(*source), 0, folder_ / "out"}, observer_, {});
  EXPECT_TRUE(result.ok()) << to_string(result.status());
}

TEST_F(RunSoundTest, StopsOnRequest) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{}, test::SampleSound{});
  const auto source = inspect(folder_ / "a.mp4");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(run_sound({plan_for(*source), 0, folder_ / "out"}, observer_, stop.get_token()).status().code(),
            Code::cancelled);
}

TEST_F(RunSoundTest, IsThePlansChoice) {
  EXPECT_EQ(run_sound({Plan{}, 0, folder_ / "out"}, observer_, {}).status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace millrace::engine
