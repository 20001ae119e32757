#include "engine/pipeline/loudness.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "engine/pipeline/filter_stage.h"
#include "tests/engine/pipeline/sounds.h"

namespace millrace::engine {
namespace {

constexpr int kRate = 48'000;

void push_all(const Channels& channels, Sink<FramePtr>& out) {
  const std::size_t total = channels[0].size();
  for (std::size_t at = 0; at < total; at += 1024) {
    const std::size_t end = std::min(at + 1024, total);
    Channels part;
    for (const auto& channel : channels)
      part.emplace_back(channel.begin() + static_cast<std::ptrdiff_t>(at),
                        channel.begin() + static_cast<std::ptrdiff_t>(end));
    ASSERT_TRUE(out.push(sound_frame(static_cast<std::int64_t>(at), part, kRate)).ok());
  }
  ASSERT_TRUE(out.finish().ok());
}

Loudness measure(const Channels& channels) {
  LoudnessMeter meter(kRate);
  push_all(channels, meter);
  return meter.loudness();
}

Channels brought_to_target(const Channels& channels) {
  const std::string chain = loudness_chain(measure(channels), kRate);
  EXPECT_NE(chain, "");
  CollectedSound out;
  FilterStage filter({chain + ",aformat=sample_fmts=fltp", {1, kRate}, {1, kRate}, {0, 1}, 1}, out);
  push_all(channels, filter);
  return out.channels;
}

// BS.1770 is calibrated so: 997 Hz in one front channel, 0 dBFS at its peak, is -3.01 LUFS.
TEST(Loudness, IsMeasuredAsTheStandardHasIt) {
  const Loudness one = measure({tone(5, 1), std::vector<float>(5 * kRate)});
  EXPECT_NEAR(one.integrated_lufs, -3.01, 0.1);
  EXPECT_NEAR(one.true_peak_db, 0, 0.1);
  const Loudness both = measure({tone(5, 0.1), tone(5, 0.1)});
  EXPECT_NEAR(both.integrated_lufs, -20, 0.1);
  EXPECT_NEAR(both.true_peak_db, -20, 0.1);
}

TEST(Loudness, SilenceAndWhatIsShorterThanAMeasurementIsLeftAsItIs) {
  EXPECT_EQ(loudness_chain(measure({std::vector<float>(kRate)}), kRate), "");
  EXPECT_EQ(loudness_chain(measure({tone(0.39, 0.5)}), kRate), "");
  EXPECT_NE(loudness_chain(measure({tone(0.4, 0.5)}), kRate), "");
  EXPECT_EQ(loudness_chain(Loudness{}, kRate), "");
}

TEST(Loudness, IsBroughtToTheTargetByOneGain) {
  for (const double amplitude : {0.01, 0.9}) {
    const Channels before{tone(5, amplitude), tone(5, amplitude)};
    const Channels after = brought_to_target(before);
    ASSERT_EQ(after[0].size(), before[0].size());
    EXPECT_NEAR(measure(after).integrated_lufs, kTargetLufs, 0.1);
    // The same wave, louder or softer.
    const float gain = after[0][12'345] / before[0][12'345];
    for (std::size_t i = 0; i < before[0].size(); i += 997)
      ASSERT_NEAR(after[0][i], gain * before[0][i], 1e-5) << i;
  }
}

TEST(Loudness, PeaksAreLimitedAndNothingMoves) {
  // Quiet sound and one loud click, which the gain would lift to +14 dB.
  Channels before{tone(20, 0.01), tone(20, 0.01)};
  for (std::size_t i = 0; i < 8; ++i) before[0][100'000 + i] = i < 4 ? 0.7F : -0.7F;
  EXPECT_THAT(loudness_chain(measure(before), kRate), testing::HasSubstr("alimiter"));
  const Channels after = brought_to_target(before);
  const Loudness loudness = measure(after);
  EXPECT_LE(loudness.true_peak_db, kHighestTruePeakDb);
  EXPECT_GT(loudness.true_peak_db, kHighestTruePeakDb - 1.5);
  EXPECT_NEAR(loudness.integrated_lufs, kTargetLufs, 0.5);
  EXPECT_EQ(after[0].size(), before[0].size());
  const auto loud = [](const std::vector<float>& samples) {
    return std::find_if(samples.begin(), samples.end(), [](float each) { return std::abs(each) > 0.5F; }) -
           samples.begin();
  };
  EXPECT_NEAR(static_cast<double>(loud(after[0])), static_cast<double>(loud(before[0])), 5);
}

TEST(Loudness, WorksInSurround) {
  Channels before(6, tone(5, 0.05));
  std::fill(before[3].begin(), before[3].end(), 0.0F);  // LFE does not count
  const Channels after = brought_to_target(before);
  ASSERT_EQ(after.size(), 6u);
  EXPECT_NEAR(measure(after).integrated_lufs, kTargetLufs, 0.1);
}

}  // namespace
}  // namespace millrace::engine
