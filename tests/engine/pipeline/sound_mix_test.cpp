#include "engine/pipeline/sound_mix.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "engine/pipeline/sound_clock.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/engine/pipeline/sounds.h"

extern "C" {
#include <libavutil/mathematics.h>
#include <libswresample/swresample.h>
}

namespace millrace::engine {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;

constexpr int kRate = 48'000;

class SoundMixTest : public testing::Test {
 protected:
  void begin(int channels, Sink<FramePtr>& out) {
    SoundMix::Settings settings;
    settings.sample_rate = kRate;
    settings.channels = channels;
    mix_.emplace(settings, out);
  }
  void push(FramePtr frame) {
    const Status status = mix_->push(std::move(frame));
    ASSERT_TRUE(status.ok()) << to_string(status);
  }
  // 20 ms at `place` (counted in as many), with a timestamp of 90 kHz: silent, or full of a tone.
  void push_part(std::int64_t place, int rate, bool sounding) {
    const std::vector<float> samples = tone(0.02, sounding ? 0.8 : 0, 1000, rate);
    push(sound_frame(place * 1800, {samples}, rate));
  }

  std::optional<SoundMix> mix_;
};

std::int64_t onset(const std::vector<float>& samples, std::int64_t from) {
  const auto found = std::find_if(samples.begin() + from, samples.end(),
                                  [](float sample) { return std::abs(sample) > 0.2F; });
  return found - samples.begin();
}

// Five minutes after the rate has changed each tone still lies where the source has it.
TEST_F(SoundMixTest, SoundKeepsItsPlaceHoweverLongAnotherRateGoesOn) {
  for (const int other : {44'100, 32'000, 22'050}) {
    CollectedSound heard;
    SoundClock clock({kRate, 0, SoundTrim::kWhole}, {}, heard);
    begin(1, clock);
    constexpr std::int64_t kParts = 15'000;
    for (std::int64_t part = 0; part < kParts; ++part)
      push_part(part, part < 50 || part > kParts - 50 ? kRate : other, part % 750 == 5);
    ASSERT_TRUE(mix_->finish().ok());
    EXPECT_NEAR(static_cast<double>(heard.samples()), kParts * 960, 48);
    for (std::int64_t part = 5; part < kParts; part += 750)
      ASSERT_NEAR(static_cast<double>(onset(heard.channels[0], (part - 3) * 960)),
                  static_cast<double>(part * 960), 96)
          << other << " Hz, at " << part / 50 << " s";
  }
}

TEST_F(SoundMixTest, WhatTheOldRateStillHeldIsNotLost) {
  CollectingSink out;
  begin(1, out);
  push(sound_frame(0, {tone(0.1, 0.5, 1000, 44'100)}, 44'100));
  push(sound_frame(9000, {tone(0.1, 0.5, 1000, kRate)}, kRate));
  ASSERT_TRUE(mix_->finish().ok());
  std::int64_t samples = 0;
  for (const FramePtr& frame : out.frames) samples += frame->nb_samples;
  EXPECT_NEAR(static_cast<double>(samples), 9600, 2);
}

TEST_F(SoundMixTest, GapsStayInTheTimes) {
  CollectingSink out;
  begin(1, out);
  push(sound_frame(0, {tone(0.1, 0.5)}, kRate));
  push(sound_frame(90'000, {tone(0.1, 0.5)}, kRate));
  EXPECT_THAT(out.pts, ElementsAre(0, kRate));
}

TEST_F(SoundMixTest, FramesWithoutATimestampFollow) {
  CollectingSink out;
  begin(1, out);
  push(sound_frame(45'000, {std::vector<float>(4800)}, kRate));
  push(sound_frame(AV_NOPTS_VALUE, {std::vector<float>(4800)}, kRate));
  push(sound_frame(AV_NOPTS_VALUE, {std::vector<float>(4410)}, 44'100));
  push(sound_frame(AV_NOPTS_VALUE, {std::vector<float>(4410)}, 44'100));
  ASSERT_TRUE(mix_->finish().ok());
  ASSERT_GE(out.pts.size(), 3U);
  EXPECT_EQ(out.pts[0], 24'000);
  EXPECT_EQ(out.pts[1], 28'800);
  EXPECT_EQ(out.pts[2], 33'600);
  EXPECT_NEAR(static_cast<double>(out.pts.back() + out.frames.back()->nb_samples), 43'200, 2);
}

TEST_F(SoundMixTest, ALayoutThatChangesIsMixedAgain) {
  CollectedSound out;
  begin(2, out);
  push(sound_frame(0, {tone(0.1, 0.5), tone(0.1, 0.25)}, kRate));
  push(sound_frame(9000, {tone(0.1, 0.5)}, kRate));
  push(sound_frame(18'000, Channels(6, tone(0.1, 0.5)), kRate));
  ASSERT_TRUE(mix_->finish().ok());
  EXPECT_EQ(out.layout, "stereo");
  EXPECT_EQ(out.samples(), 14'400);
}

// `count` channels, of which the one at `sounding` is heard and of which nothing says where they stand.
FramePtr discrete(std::size_t sounding, std::size_t count, AVSampleFormat format) {
  FramePtr frame = make_frame();
  frame->format = format;
  frame->sample_rate = kRate;
  frame->nb_samples = 480;
  frame->ch_layout.order = AV_CHANNEL_ORDER_UNSPEC;
  frame->ch_layout.nb_channels = static_cast<int>(count);
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (std::size_t i = 0; i < 480; ++i)
    for (std::size_t channel = 0; channel < count; ++channel) {
      if (format == AV_SAMPLE_FMT_S16)
        reinterpret_cast<std::int16_t*>(frame->data[0])[i * count + channel] =
            channel == sounding ? 16'384 : 0;
      else
        reinterpret_cast<float*>(frame->extended_data[channel])[i] = channel == sounding ? 0.5F : 0;
    }
  frame->pts = frame->best_effort_timestamp = 0;
  return frame;
}

TEST_F(SoundMixTest, OfManyChannelsThatNothingNamesTheFirstTwoAreLeftAndRight) {
  for (const std::size_t count : {9U, 10U, 12U, 15U, 16U, 24U})
    for (const AVSampleFormat format : {AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_FLTP})
      for (std::size_t sounding = 0; sounding < count; ++sounding) {
        CollectedSound out;
        begin(2, out);
        push(discrete(sounding, count, format));
        ASSERT_TRUE(mix_->finish().ok());
        ASSERT_EQ(out.samples(), 480) << count;
        EXPECT_THAT(out.channels[0], Each(FloatNear(sounding == 0 ? 0.5F : 0, 1e-4F))) << count;
        EXPECT_THAT(out.channels[1], Each(FloatNear(sounding == 1 ? 0.5F : 0, 1e-4F))) << count;
      }
}

TEST_F(SoundMixTest, FewChannelsThatNothingNamesAreTakenInTheUsualOrder) {
  // What of the last of so many channels is heard on the left and on the right.
  const std::vector<std::tuple<std::size_t, bool, bool>> wanted = {
      {3, false, false}, {4, true, true}, {6, false, true}, {7, false, true}, {8, false, true}};
  for (const auto& [count, left, right] : wanted) {
    CollectedSound out;
    begin(2, out);
    push(discrete(count - 1, count, AV_SAMPLE_FMT_S16));
    ASSERT_TRUE(mix_->finish().ok());
    EXPECT_EQ(out.channels[0][240] > 0.01F, left) << count;
    EXPECT_EQ(out.channels[1][240] > 0.01F, right) << count;
  }
}

TEST_F(SoundMixTest, NamesThatCannotBeMixedSayNothing) {
  FramePtr frame = discrete(1, 10, AV_SAMPLE_FMT_S16);
  // A speaker at the left side and none at the right.
  ASSERT_EQ(av_channel_layout_from_string(&frame->ch_layout, "FL+FR+FC+LFE+BL+BR+FLC+FRC+BC+SL"), 0);
  EXPECT_FALSE(can_be_mixed(frame->ch_layout));
  CollectedSound out;
  begin(2, out);
  push(std::move(frame));
  ASSERT_TRUE(mix_->finish().ok());
  EXPECT_THAT(out.channels[0], Each(FloatNear(0, 1e-4F)));
  EXPECT_THAT(out.channels[1], Each(FloatNear(0.5F, 1e-4F)));
}

TEST(CanBeMixed, IsSaidOfWhatLibswresampleMixes) {
  for (const char* name :
       {"mono", "stereo", "2.1", "3.0", "4.0", "quad", "5.0", "5.1", "5.1(side)", "6.1", "7.1", "7.1(wide)",
        "hexadecagonal", "downmix", "FL+FR+SL", "FL+FC", "BL+BR", "FR+FL", "ambisonic 1"}) {
    AVChannelLayout from{};
    ASSERT_EQ(av_channel_layout_from_string(&from, name), 0) << name;
    AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
    SwrContext* context = nullptr;
    ASSERT_EQ(swr_alloc_set_opts2(&context, &stereo, AV_SAMPLE_FMT_FLTP, kRate, &from, AV_SAMPLE_FMT_FLTP,
                                  kRate, 0, nullptr),
              0)
        << name;
    EXPECT_EQ(can_be_mixed(from), swr_init(context) >= 0) << name;
    swr_free(&context);
    av_channel_layout_uninit(&from);
  }
}

}  // namespace
}  // namespace millrace::engine
