#include "engine/pipeline/sound_clock.h"

#include <gmock/gmock.h>

#include <numeric>

#include "tests/engine/pipeline/sounds.h"

namespace millrace::engine {
namespace {

using ::testing::Each;

constexpr int kRate = 1000;  // samples are milliseconds

class SoundClockTest : public testing::Test {
 protected:
  // A frame of 100 ms whose samples count on through all frames: 1, 2, 3, ...
  void push(std::int64_t milliseconds) {
    std::vector<float> samples(100);
    std::iota(samples.begin(), samples.end(), next_value_);
    next_value_ += 100;
    const Status status = clock_->push(sound_frame(milliseconds, {samples}, kRate));
    ASSERT_TRUE(status.ok()) << to_string(status);
  }
  void begin(std::int64_t zero, std::int64_t end = SoundTrim::kWhole) {
    clock_.emplace(SoundTiming{kRate, zero, end}, stop_.get_token(), out_);
  }
  const std::vector<float>& heard() const { return out_.channels[0]; }
  std::vector<float> heard(int from, int to) const { return {heard().begin() + from, heard().begin() + to}; }

  std::stop_source stop_;
  CollectedSound out_;
  std::optional<SoundClock> clock_;
  float next_value_ = 1;
};

TEST_F(SoundClockTest, PassesWhatLiesInPlace) {
  begin(500);
  push(500);
  push(600);
  ASSERT_EQ(heard().size(), 200u);
  EXPECT_EQ(heard().front(), 1);
  EXPECT_EQ(heard().back(), 200);
}

TEST_F(SoundClockTest, FillsALateStartWithSilence) {
  begin(500);
  push(730);
  ASSERT_EQ(heard().size(), 330u);
  EXPECT_THAT(heard(0, 230), Each(0));
  EXPECT_EQ(heard()[230], 1);
}

TEST_F(SoundClockTest, CutsWhatLiesBeforeZeroToTheSample) {
  begin(1000);
  push(770);
  push(870);
  push(970);
  push(1070);
  ASSERT_EQ(heard().size(), 170u);
  EXPECT_EQ(heard()[0], 231);  // the frame of 970 ms holds 201 to 300
  EXPECT_EQ(heard()[70], 301);
}

TEST_F(SoundClockTest, FillsALostFrameAtOnce) {
  begin(0);
  push(0);
  push(120);
  ASSERT_EQ(heard().size(), 220u);
  EXPECT_THAT(heard(100, 120), Each(0));
  EXPECT_EQ(heard()[120], 101);
}

TEST_F(SoundClockTest, LeavesJitterAlone) {
  begin(0);
  for (const std::int64_t at : {0, 110, 190, 312, 400, 489}) push(at);
  ASSERT_EQ(heard().size(), 600u);
  for (std::size_t i = 0; i < heard().size(); ++i) ASSERT_EQ(heard()[i], static_cast<float>(i + 1));
}

TEST_F(SoundClockTest, MendsADriftBeforeItIsSeen) {
  begin(0);
  // Two milliseconds more than its samples, each frame: a source whose clocks part.
  for (std::int64_t frame = 0; frame < 100; ++frame) {
    push(frame * 102);
    const auto first = 100 * static_cast<float>(frame) + 1;
    const auto found = std::find(heard().begin(), heard().end(), first) - heard().begin();
    EXPECT_NEAR(static_cast<double>(found), static_cast<double>(frame * 102), 15);
  }
}

TEST_F(SoundClockTest, CutsOverlaps) {
  begin(0);
  push(0);
  push(60);
  push(160);
  ASSERT_EQ(heard().size(), 260u);
  EXPECT_EQ(heard()[99], 100);
  EXPECT_EQ(heard()[100], 141);  // of 101 to 200, which lie at 60
  EXPECT_EQ(heard()[160], 201);
}

TEST_F(SoundClockTest, GoesOnWithoutAJumpBack) {
  begin(5000);
  push(5000);
  push(100);
  push(200);
  push(330);
  ASSERT_EQ(heard().size(), 430u);
  EXPECT_EQ(heard()[299], 300);
  EXPECT_THAT(heard(300, 330), Each(0));
}

TEST_F(SoundClockTest, NoSilenceIsMadeBeyondTheEnd) {
  begin(0, 1000);
  push(0);
  push(std::int64_t{68} * 365 * 86'400 * 1000);  // the 68 years of a broken header
  EXPECT_EQ(heard().size(), 1000u);
}

TEST_F(SoundClockTest, WithoutAnEndHoursAreAJump) {
  begin(0);
  push(0);
  push(3'700'000);
  EXPECT_EQ(heard().size(), 200u);
  push(3'700'300);
  EXPECT_EQ(heard().size(), 500u);
}

TEST_F(SoundClockTest, LongSilenceEndsOnRequest) {
  begin(0, 100'000'000);
  stop_.request_stop();
  EXPECT_EQ(clock_->push(sound_frame(90'000'000, {std::vector<float>(10)}, kRate)).code(), Code::cancelled);
}

}  // namespace
}  // namespace millrace::engine
