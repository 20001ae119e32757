#include "engine/pipeline/packets_ahead.h"

#include <gmock/gmock.h>

#include <vector>

namespace millrace::engine {
namespace {

constexpr int kKey = AV_PKT_FLAG_KEY;

PacketPtr packet(std::int64_t pts, std::int64_t dts, int flags = 0) {
  PacketPtr made = make_packet();
  made->pts = pts;
  made->dts = dts;
  made->flags = flags;
  return made;
}

// I0 P3 B1 B2 P6 B4 B5, one tick of 10 a picture.
PacketsAhead small_group(std::int64_t slack = 0) {
  PacketsAhead ahead(slack);
  const std::vector<std::int64_t> pts = {0, 30, 10, 20, 60, 40, 50};
  for (std::size_t i = 0; i < pts.size(); ++i)
    ahead.add(packet(pts[i], static_cast<std::int64_t>(i) * 10 - 10, i == 0 ? kKey : 0));
  return ahead;
}

std::vector<std::int64_t> needed_for(PacketsAhead& ahead, std::int64_t time) {
  std::vector<std::int64_t> needed;
  while (!ahead.empty() && !ahead.all_taken_for(time)) {
    const bool may = ahead.front_may_show_at(time);
    const std::int64_t pts = ahead.take()->pts;
    if (may) needed.push_back(pts);
  }
  return needed;
}

TEST(PacketsAhead, KnowsThePictureOnShowAcrossReordering) {
  for (const auto& [time, pts] :
       {std::pair<std::int64_t, std::int64_t>{0, 0}, {9, 0}, {10, 10}, {29, 20}, {30, 30}}) {
    PacketsAhead ahead = small_group();
    EXPECT_THAT(needed_for(ahead, time), testing::ElementsAre(pts)) << time;
  }
}

TEST(PacketsAhead, StopsBehindThePictureInDecodeOrder) {
  PacketsAhead ahead = small_group();
  needed_for(ahead, 15);
  EXPECT_EQ(ahead.front().pts, 20);  // I0 P3 B1 were taken
}

TEST(PacketsAhead, TimestampsWithinTheSlackAreBothNeeded) {
  PacketsAhead ahead = small_group(2);
  EXPECT_THAT(needed_for(ahead, 19), testing::ElementsAre(10, 20));
}

TEST(PacketsAhead, RemembersWhatWasTaken) {
  PacketsAhead ahead = small_group();
  needed_for(ahead, 20);
  EXPECT_TRUE(ahead.all_taken_for(25));
  EXPECT_TRUE(ahead.all_taken_for(30));  // P3 was taken before
  EXPECT_FALSE(ahead.all_taken_for(40));
}

TEST(PacketsAhead, DoesNotGuessBeforeItHasReadFarEnough) {
  PacketsAhead ahead(0);
  ahead.add(packet(0, -10, kKey));
  ahead.add(packet(30, 0));
  (void)ahead.take();
  (void)ahead.take();
  EXPECT_FALSE(ahead.all_taken_for(40));
  ahead.end();
  EXPECT_TRUE(ahead.all_taken_for(40));
}

TEST(PacketsAhead, APacketWithoutATimestampIsNeeded) {
  PacketsAhead ahead(0);
  ahead.add(packet(AV_NOPTS_VALUE, AV_NOPTS_VALUE));
  ahead.add(packet(30, 30));
  EXPECT_TRUE(ahead.front_may_show_at(10));
  EXPECT_FALSE(ahead.all_taken_for(10));
}

TEST(PacketsAhead, APictureThatIsNeverShownIsNotOnShow) {
  PacketsAhead ahead(0);
  ahead.add(packet(0, 0, kKey | AV_PKT_FLAG_DISCARD));
  ahead.add(packet(10, 10));
  ahead.add(packet(20, 20));
  EXPECT_FALSE(ahead.front_may_show_at(5));
}

TEST(PacketsAhead, JumpsToTheLastKeyPacketBeforeTheTime) {
  PacketsAhead ahead(0);
  for (int i = 0; i < 10; ++i) ahead.add(packet(i * 10, i * 10, i % 3 == 0 ? kKey : 0));
  EXPECT_TRUE(ahead.drop_to_key(75));
  EXPECT_EQ(ahead.front().pts, 60);
  EXPECT_FALSE(ahead.drop_to_key(75));
  EXPECT_EQ(ahead.read_to(), 90);
}

TEST(PacketsAhead, JumpsOnlyToWhatADecoderCanBeginWith) {
  PacketsAhead ahead(0, [](const AVPacket& key) { return key.pts < 50; });
  for (int i = 0; i < 10; ++i) ahead.add(packet(i * 10, i * 10, i % 3 == 0 ? kKey : 0));
  EXPECT_TRUE(ahead.drop_to_key(75));
  EXPECT_EQ(ahead.front().pts, 30);
}

TEST(PacketsAhead, NeverJumpsPastTheTime) {
  PacketsAhead ahead = small_group(0);
  ahead.add(packet(90, 60, kKey));
  EXPECT_FALSE(ahead.drop_to_key(89));
  EXPECT_TRUE(ahead.drop_to_key(90));
}

}  // namespace
}  // namespace millrace::engine
