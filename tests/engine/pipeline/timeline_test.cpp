#include "engine/pipeline/timeline.h"

#include <gmock/gmock.h>

#include "engine/plan/segment_clock.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kSecond = kTicksPerSecond;
constexpr int kPictures = 0;
constexpr int kSound = 1;

class TimelineTest : public testing::Test {
 protected:
  // The packet's time on the continuous clock.
  std::int64_t picture(std::int64_t dts) {
    return dts + timeline_.correction({kPictures, true, false, dts, 3600});
  }
  std::int64_t sound(std::int64_t dts) {
    return dts + timeline_.correction({kSound, false, true, dts, 1920});
  }
  void play(std::int64_t from, std::int64_t seconds) {
    for (std::int64_t at = 0; at < seconds * kSecond; at += 3600) {
      picture(from + at);
      sound(from + at);
      sound(from + at + 1800);
    }
  }
  std::vector<std::int64_t> jumps() const {
    std::vector<std::int64_t> by;
    for (const Timeline::Jump& jump : timeline_.jumps()) by.push_back(jump.by);
    return by;
  }
  Timeline timeline_;
};

TEST_F(TimelineTest, LeavesAContinuousClockAlone) {
  play(5 * kSecond, 30);
  EXPECT_EQ(picture(35 * kSecond), 35 * kSecond);
  EXPECT_THAT(jumps(), ElementsAre());
}

TEST_F(TimelineTest, JoinsASpliceOnToTheFrame) {
  play(100 * kSecond, 10);
  EXPECT_EQ(picture(5 * kSecond), 110 * kSecond) << "back";
  EXPECT_EQ(sound(5 * kSecond + 500), 110 * kSecond + 500) << "with the same offset";
  EXPECT_EQ(picture(5 * kSecond + 3600), 110 * kSecond + 3600);
  EXPECT_THAT(jumps(), ElementsAre(-105 * kSecond));
  EXPECT_EQ(timeline_.jumps()[0].at, 110 * kSecond);
  play(5 * kSecond + 7200, 1);
  EXPECT_EQ(picture(3600 * kSecond), 111 * kSecond + 7200) << "forward";
}

TEST_F(TimelineTest, StreamsMayCrossASpliceOneAfterTheOther) {
  play(0, 10);
  EXPECT_EQ(picture(1000 * kSecond), 10 * kSecond);
  EXPECT_EQ(sound(10 * kSecond), 10 * kSecond) << "still before the splice";
  EXPECT_EQ(picture(1000 * kSecond + 3600), 10 * kSecond + 3600);
  EXPECT_EQ(sound(1000 * kSecond + 4000), 10 * kSecond + 4000);
  EXPECT_THAT(jumps(), ElementsAre(990 * kSecond)) << "one jump, seen once";
}

TEST_F(TimelineTest, PicturesSetTheSpliceToTheFrameWhenSoundCameFirst) {
  play(0, 10);
  const std::int64_t guessed = sound(1000 * kSecond + 9000);
  EXPECT_NEAR(static_cast<double>(guessed), 10.0 * kSecond, 2000);
  EXPECT_EQ(picture(1000 * kSecond), 10 * kSecond);
  EXPECT_EQ(sound(1000 * kSecond + 10'920), 10 * kSecond + 10'920) << "from now on beside its picture";
  EXPECT_EQ(jumps().size(), 1u);
}

TEST_F(TimelineTest, AGapThatTheOtherStreamsShowIsNoJump) {
  play(0, 2);
  for (std::int64_t at = 2 * kSecond; at < 40 * kSecond; at += 1920) sound(at);
  EXPECT_EQ(picture(40 * kSecond), 40 * kSecond) << "a still of 38 s";
  EXPECT_THAT(jumps(), ElementsAre());
}

TEST_F(TimelineTest, AStepBackOfAFewMillisecondsIsNoJump) {
  play(0, 2);
  EXPECT_EQ(picture(2 * kSecond - 3600 - 5000), 2 * kSecond - 3600 - 5000);
  EXPECT_THAT(jumps(), ElementsAre());
}

TEST_F(TimelineTest, TellsAJumpBackThatA33BitCounterTurnsIntoADay) {
  play(200 * kSecond, 5);
  EXPECT_EQ(picture((std::int64_t{1} << 33) + 5 * kSecond), 205 * kSecond);
  EXPECT_THAT(jumps(), ElementsAre(-200 * kSecond));
}

TEST_F(TimelineTest, PacketsWithoutATimeAndOtherStreamsFollow) {
  play(100 * kSecond, 5);
  picture(0);
  EXPECT_EQ(timeline_.correction({kPictures, true, false, std::nullopt, 0}), 105 * kSecond);
  EXPECT_EQ(timeline_.correction({7, false, false, 5, 0}), 105 * kSecond);
}

}  // namespace
}  // namespace millrace::engine
