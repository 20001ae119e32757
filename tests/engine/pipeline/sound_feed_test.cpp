#include "engine/pipeline/sound_feed.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "engine/pipeline/inspect.h"
#include "tests/engine/pipeline/sounds.h"
#include "tests/engine/pipeline/tasks.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using ::testing::Each;
using ::testing::FloatNear;

constexpr int kRate = 48'000;
constexpr double kCentre = 0.70710678;             // BS.775: -3 dB
constexpr double kNormal = 1 / (1 + 2 * kCentre);  // the loudest sum that there can be becomes 1

class SoundFeedTest : public testing::Test {
 protected:
  Plan plan_of(const std::string& name) {
    const auto source = inspect(folder_ / name);
    EXPECT_TRUE(source.ok()) << to_string(source.status());
    return source.ok() ? plan_for(*source) : Plan();
  }

  // What the plan's first sound gives.
  CollectedSound feed(const Plan& plan, bool whole = false) {
    CollectedSound out;
    DamageLog damage(plan.accept_damage);
    auto feed = SoundFeed::open({plan, plan.sounds.at(0), damage, whole}, out, {});
    EXPECT_TRUE(feed.ok()) << to_string(feed.status());
    if (!feed.ok()) return out;
    Result<bool> more = true;
    told_ = 0;
    while (more.ok() && *more) {
      more = (*feed)->step();
      EXPECT_GE((*feed)->seconds_read(), told_);
      told_ = (*feed)->seconds_read();
    }
    EXPECT_TRUE(more.ok()) << to_string(more.status());
    EXPECT_EQ((*feed)->samples(), out.samples());
    EXPECT_TRUE(out.finished);
    return out;
  }

  CollectedSound fed(const Channels& channels, std::uint32_t mask, int planned_channels) {
    write_wav(folder_ / "a.wav", channels, mask);
    Plan plan = plan_of("a.wav");
    plan.sounds.at(0).channels = planned_channels;
    return feed(plan);
  }

  // A tone in one of `count` channels; what becomes of it in each channel that comes out: its level.
  std::vector<double> levels(std::size_t sounding, std::size_t count, std::uint32_t mask,
                             int planned_channels) {
    Channels channels(count, std::vector<float>(kRate / 2));
    channels[sounding] = tone(0.5, 1);
    std::vector<double> levels;
    for (const auto& channel : fed(channels, mask, planned_channels).channels)
      levels.push_back(*std::max_element(channel.begin(), channel.end()));
    return levels;
  }

  static auto are(std::vector<double> wanted) {
    std::vector<testing::Matcher<double>> matchers;
    for (const double each : wanted) matchers.push_back(testing::DoubleNear(each, 0.002));
    return testing::ElementsAreArray(matchers);
  }

  const test::TempFolder folder_;
  double told_ = 0;
};

// ---- mixing ----

TEST_F(SoundFeedTest, MixesSurroundDownAsBs775HasIt) {
  constexpr std::uint32_t kMask = 0x3f;  // front left and right, centre, LFE, back left and right
  EXPECT_THAT(levels(0, 6, kMask, 2), are({kNormal, 0}));
  EXPECT_THAT(levels(1, 6, kMask, 2), are({0, kNormal}));
  EXPECT_THAT(levels(2, 6, kMask, 2), are({kCentre * kNormal, kCentre * kNormal}));
  EXPECT_THAT(levels(3, 6, kMask, 2), are({0, 0}));
  EXPECT_THAT(levels(4, 6, kMask, 2), are({kCentre * kNormal, 0}));
  EXPECT_THAT(levels(5, 6, kMask, 2), are({0, kCentre * kNormal}));
}

TEST_F(SoundFeedTest, ADownmixOfFullScaleDoesNotClip) {
  const CollectedSound sound = fed(Channels(6, tone(0.5, 1)), 0x60f, 2);
  EXPECT_EQ(sound.layout, "stereo");
  for (const auto& channel : sound.channels) {
    EXPECT_LE(*std::max_element(channel.begin(), channel.end()), 1.0F);
    EXPECT_GT(*std::max_element(channel.begin(), channel.end()), 0.99F);
  }
}

TEST_F(SoundFeedTest, KeepsSurroundChannelForChannel) {
  for (const std::uint32_t mask : {0x3fU, 0x60fU}) {
    Channels channels;
    for (int channel = 0; channel < 6; ++channel)
      channels.push_back(tone(0.2, 0.1 + 0.1 * channel, 300 + 100 * channel));
    const CollectedSound sound = fed(channels, mask, 6);
    EXPECT_EQ(sound.layout, "5.1");
    ASSERT_EQ(sound.channels.size(), 6u);
    for (std::size_t channel = 0; channel < 6; ++channel)
      EXPECT_THAT(sound.channels[channel], testing::Pointwise(FloatNear(1e-6F), channels[channel]))
          << channel;
  }
}

TEST_F(SoundFeedTest, MixesSevenChannelsIntoFive) {
  constexpr std::uint32_t kMask = 0x63f;  // and side left and right at the end
  const double normal = 1 / (1 + kCentre);
  EXPECT_THAT(levels(0, 8, kMask, 6), are({normal, 0, 0, 0, 0, 0}));
  EXPECT_THAT(levels(2, 8, kMask, 6), are({0, 0, normal, 0, 0, 0}));
  EXPECT_THAT(levels(3, 8, kMask, 6), are({0, 0, 0, normal, 0, 0}));
  EXPECT_THAT(levels(4, 8, kMask, 6), are({0, 0, 0, 0, normal, 0}));
  EXPECT_THAT(levels(6, 8, kMask, 6), are({0, 0, 0, 0, kCentre * normal, 0}));
  EXPECT_THAT(levels(7, 8, kMask, 6), are({0, 0, 0, 0, 0, kCentre * normal}));
}

TEST_F(SoundFeedTest, LeavesStereoAndMonoAsTheyAre) {
  const Channels channels{tone(0.2, 0.9), tone(0.2, 0.3, 440)};
  EXPECT_EQ(fed(channels, 0x3, 2).channels, channels);
  EXPECT_EQ(fed({channels[0]}, 0x4, 1).channels, Channels{channels[0]});
}

// ---- where sound lies ----

// Samples that tell their place.
std::vector<float> ramp(std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i) samples[i] = static_cast<float>(i) / (1 << 20);
  return samples;
}

TEST_F(SoundFeedTest, TrimsToTheSample) {
  write_wav(folder_ / "a.wav", {ramp(3 * kRate)}, 0x4);
  Plan plan = plan_of("a.wav");
  plan.sounds[0].channels = 1;
  plan.trim_from = 90'000 + 30;  // 16 samples after the second
  plan.trim_to = 2 * 90'000 + 15;
  for (const bool whole : {false, true}) {
    const CollectedSound sound = feed(plan, whole);
    ASSERT_EQ(sound.samples(), kRate - 8);
    EXPECT_EQ(sound.channels[0].front(), ramp(3 * kRate)[kRate + 16]);
    EXPECT_EQ(sound.channels[0].back(), ramp(3 * kRate)[2 * kRate + 7]);
  }
}

TEST_F(SoundFeedTest, ReadsSoundAloneToItsLastSample) {
  write_wav(folder_ / "a.wav", {ramp(12'345)}, 0x4);
  Plan plan = plan_of("a.wav");
  plan.sounds[0].channels = 1;
  EXPECT_EQ(feed(plan).channels[0], ramp(12'345));
  EXPECT_EQ(feed(plan, true).channels[0], ramp(12'345));
}

TEST_F(SoundFeedTest, WholeSoundBeginsWithItselfAndOutlastsThePicture) {
  test::SampleSound sound;
  sound.start_seconds = 0.5;
  sound.seconds = 3;
  make_sample(folder_ / "a.mkv", test::SampleVideo{}, sound);  // two seconds of pictures
  const Plan plan = plan_of("a.mkv");
  EXPECT_EQ(feed(plan).samples(), 2 * kRate);
  const CollectedSound whole = feed(plan, true);
  EXPECT_NEAR(static_cast<double>(whole.samples()), 3 * kRate,
              2 * 1024);  // the container does not cut the padding
  EXPECT_GT(*std::max_element(whole.channels[0].begin(), whole.channels[0].begin() + 2400), 0.4F);
}

TEST_F(SoundFeedTest, ATrimFarIntoTheFileLandsWhereReadingAllOfItDoes) {
  test::SampleSound sound;
  sound.seconds = 8;
  sound.silent_until = 6.5;
  test::SampleVideo video;
  video.frames = 200;
  make_sample(folder_ / "a.mp4", video, sound);
  Plan plan = plan_of("a.mp4");
  plan.trim_from = 6 * 90'000;
  plan.trim_to = 7 * 90'000;
  ASSERT_TRUE(plan.source.can_seek);
  const CollectedSound sought = feed(plan);
  plan.source.can_seek = false;
  const CollectedSound read = feed(plan);
  ASSERT_EQ(sought.samples(), kRate);
  ASSERT_EQ(read.samples(), kRate);
  EXPECT_THAT(sought.channels[0], testing::Pointwise(FloatNear(1e-5F), read.channels[0]));
  EXPECT_THAT(std::vector(read.channels[0].begin(), read.channels[0].begin() + kRate / 2 - 1100),
              Each(FloatNear(0, 1e-3F)));
}

TEST_F(SoundFeedTest, ATenthOfASecondIsEnough) {
  test::SampleSound sound;
  sound.seconds = 0.1;
  make_sample(folder_ / "a.m4a", std::nullopt, sound);
  EXPECT_NEAR(static_cast<double>(feed(plan_of("a.m4a")).samples()), 4800, 1024);
}

TEST_F(SoundFeedTest, SoundThatEndsBeforeTheTrimIsNothing) {
  test::SampleSound sound;
  sound.seconds = 1;
  make_sample(folder_ / "a.mp4", test::SampleVideo{}, sound);
  Plan plan = plan_of("a.mp4");
  plan.trim_from = 135'000;
  EXPECT_EQ(feed(plan).samples(), 0);
}

// ---- a sample rate that changes on the way ----

// Two transport streams, one after the other: a part of `seconds` at 48 kHz and one of a minute at 44.1 kHz.
class JoinedSoundTest : public SoundFeedTest {
 protected:
  Plan joined(double seconds) {
    test::SampleSound first;
    first.seconds = seconds;
    first.beeps = {0.5};
    test::SampleSound second;
    second.sample_rate = 44'100;
    second.seconds = 60;
    second.beeps = {0.5, 59};
    make_sample(folder_ / "a.ts", std::nullopt, first);
    make_sample(folder_ / "b.ts", std::nullopt, second);
    const std::string bytes = read_file(folder_ / "a.ts").value() + read_file(folder_ / "b.ts").value();
    EXPECT_TRUE(write_file(folder_ / "joined.ts", bytes).ok());
    return plan_of("joined.ts");
  }
  // When a tone sets in at or after `from` seconds.
  static double onset(const CollectedSound& sound, double from) {
    const auto& heard = sound.channels[0];
    const auto found = std::find_if(heard.begin() + std::lround(from * kRate), heard.end(),
                                    [](float each) { return std::abs(each) > 0.05F; });
    return static_cast<double>(found - heard.begin()) / kRate;
  }
};

TEST_F(JoinedSoundTest, ARateThatChangesMovesNoSound) {
  const CollectedSound sound = feed(joined(2));
  EXPECT_EQ(sound.sample_rate, kRate);
  EXPECT_NEAR(onset(sound, 0), onset(sound, 2) - 2, 0.15) << "the joint itself is within a few frames";
  EXPECT_NEAR(onset(sound, 60) - onset(sound, 2), 58.5, 0.005);
}

TEST_F(JoinedSoundTest, LoudnessIsOfTheWholeOfIt) {
  Plan plan = joined(2);
  plan.sounds[0].normalise_loudness = true;
  const CollectedSound sound = feed(plan);
  EXPECT_NEAR(onset(sound, 60) - onset(sound, 2), 58.5, 0.005);
  LoudnessMeter meter(kRate);
  ASSERT_TRUE(meter.push(sound_frame(0, sound.channels, kRate)).ok());
  ASSERT_TRUE(meter.finish().ok());
  EXPECT_NEAR(meter.loudness().integrated_lufs, kTargetLufs, 0.5);
}

// The silence that fills up a slide show's sound comes after its last sample, not where its rate changes.
TEST_F(JoinedSoundTest, SoundBesideThePictureGoesOnAfterTheChange) {
  Plan plan = joined(2);
  plan.source.audio[0].url = plan.source.url;
  plan.trim_to = 70 * 90'000;
  const CollectedSound sound = feed(plan);
  EXPECT_EQ(sound.samples(), 70 * kRate);
  EXPECT_NEAR(onset(sound, 60) - onset(sound, 2), 58.5, 0.005);
}

// ---- loudness, damage, refusals ----

TEST_F(SoundFeedTest, BringsTheMixToTheTargetLoudness) {
  write_wav(folder_ / "a.wav", Channels(6, tone(3, 0.9)), 0x3f);
  Plan plan = plan_of("a.wav");
  plan.sounds[0].normalise_loudness = true;
  const CollectedSound sound = feed(plan);
  EXPECT_EQ(sound.samples(), 3 * kRate);
  EXPECT_NEAR(told_, 3, 0.01);
  LoudnessMeter meter(kRate);
  ASSERT_TRUE(meter.push(sound_frame(0, sound.channels, kRate)).ok());
  ASSERT_TRUE(meter.finish().ok());
  EXPECT_NEAR(meter.loudness().integrated_lufs, kTargetLufs, 0.1);
}

TEST_F(SoundFeedTest, AcceptedDamageIsSilenceInItsPlaceAndTold) {
  test::SampleSound sound;
  sound.seconds = 3;
  sound.silent_until = 2;
  make_sample(folder_ / "a.mp4", std::nullopt, sound);
  Plan plan = plan_of("a.mp4");
  std::string bytes = read_file(folder_ / "a.mp4").value();
  // Silence takes few bytes: this lies in the last second.
  const auto mdat = bytes.find("mdat");
  for (std::size_t i = mdat + 4000; i < mdat + 6000; ++i) bytes[i] = static_cast<char>(0xff);
  ASSERT_TRUE(write_file(folder_ / "a.mp4", bytes).ok());

  plan.accept_damage = true;
  CollectedSound out;
  DamageLog damage(true);
  auto feed = SoundFeed::open({plan, plan.sounds[0], damage}, out, {});
  ASSERT_TRUE(feed.ok());
  Result<bool> more = true;
  while (more.ok() && *more) more = (*feed)->step();
  ASSERT_TRUE(more.ok()) << to_string(more.status());
  EXPECT_THAT(damage.sentences(), testing::Contains(testing::HasSubstr("damaged sound")));
  const auto& heard = out.channels[0];
  const auto onset =
      std::find_if(heard.begin(), heard.end(), [](float each) { return std::abs(each) > 0.2F; });
  EXPECT_NEAR(static_cast<double>(onset - heard.begin()), 2 * kRate, 0.02 * kRate);
  EXPECT_NEAR(static_cast<double>(out.samples()), 3 * kRate, 0.02 * kRate);
}

TEST_F(SoundFeedTest, RefusesATrackThatIsNotThere) {
  Plan plan;
  PlannedSound sound;
  sound.source_track = 3;
  CollectedSound out;
  DamageLog damage(false);
  EXPECT_EQ(SoundFeed::open({plan, sound, damage}, out, {}).status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace millrace::engine
