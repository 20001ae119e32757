#include "engine/pipeline/copy_clock.h"

#include <gmock/gmock.h>

#include <vector>

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kNone = AV_NOPTS_VALUE;

struct Times {
  std::int64_t pts;
  std::int64_t dts;
  std::int64_t duration = 40;
};
bool operator==(const Times& a, const Times& b) {
  return a.pts == b.pts && a.dts == b.dts && a.duration == b.duration;
}
void PrintTo(const Times& times, std::ostream* out) {
  *out << "{" << times.pts << ", " << times.dts << ", " << times.duration << "}";
}

// In milliseconds, a picture every 40.
CopyClock::Settings settings(int reorder_frames, std::int64_t zero = 0) {
  return {{1, 1000}, zero, reorder_frames, 40, "/in.mkv"};
}

Status stamp(CopyClock& clock, Times& times) {
  const PacketPtr packet = make_packet();
  packet->pts = times.pts;
  packet->dts = times.dts;
  packet->duration = times.duration;
  const Status status = clock.stamp(*packet);
  times = {packet->pts, packet->dts, packet->duration};
  return status;
}

std::vector<Times> stamped(CopyClock::Settings with, std::vector<Times> packets) {
  CopyClock clock(std::move(with));
  for (Times& each : packets) {
    const Status status = stamp(clock, each);
    EXPECT_TRUE(status.ok()) << to_string(status);
  }
  return packets;
}

TEST(CopyClock, MovesTimesOntoTheFilesClock) {
  EXPECT_THAT(stamped(settings(1, 1000), {{1040, 1000}, {1120, 1040}, {1080, 1080}}),
              ElementsAre(Times{40, 0}, Times{120, 40}, Times{80, 80}));
}

TEST(CopyClock, MakesDecodeTimesWhereTheSourceSaysNone) {
  // I P B B P B: shown 0 3 1 2 5 4, coded up to two early.
  const auto packets =
      stamped(settings(2), {{0, kNone}, {120, kNone}, {40, kNone}, {80, kNone}, {200, kNone}, {160, kNone}});
  EXPECT_THAT(packets, ElementsAre(Times{0, -80}, Times{120, -40}, Times{40, 0}, Times{80, 40},
                                   Times{200, 80}, Times{160, 120}));
}

TEST(CopyClock, FillsInMissingDurationsAndTimesOfPicturesInOrder) {
  EXPECT_THAT(stamped(settings(0), {{kNone, 0, 0}, {kNone, 40, 0}, {kNone, kNone, 0}}),
              ElementsAre(Times{0, 0}, Times{40, 40}, Times{80, 41}));
}

TEST(CopyClock, SoundThatOverlapsMovesOn) {
  EXPECT_THAT(stamped(settings(0), {{0, 0}, {0, 0}, {1, 1}}),
              ElementsAre(Times{0, 0}, Times{1, 1}, Times{2, 2}));
}

TEST(CopyClock, RefusesPicturesThatDoNotSayWhenTheyAreShown) {
  CopyClock clock(settings(2));
  Times first{0, -80};
  ASSERT_TRUE(stamp(clock, first).ok());
  Times second{kNone, -40};
  const Status status = stamp(clock, second);
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_THAT(status.message(), HasSubstr("/in.mkv: at 0.040 s: a packet does not say when it is shown"));
}

TEST(CopyClock, RefusesAStreamWithoutTimes) {
  CopyClock clock(settings(0));
  Times first{kNone, kNone};
  EXPECT_EQ(stamp(clock, first).code(), Code::unsupported);
}

TEST(CopyClock, RefusesTimesThatContradictEachOther) {
  CopyClock clock(settings(1));
  Times first{400, 360};
  ASSERT_TRUE(stamp(clock, first).ok());
  Times second{200, 400};
  EXPECT_THAT(stamp(clock, second).message(), HasSubstr("contradict"));
}

}  // namespace
}  // namespace millrace::engine
