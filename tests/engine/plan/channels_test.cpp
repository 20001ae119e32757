#include "engine/plan/channels.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

TEST(Channels, UpToEightAreTakenInTheUsualOrder) {
  EXPECT_EQ(guessed_layout(1), "mono");
  EXPECT_EQ(guessed_layout(2), "stereo");
  EXPECT_EQ(guessed_layout(3), "2.1");
  EXPECT_EQ(guessed_layout(6), "5.1");
  EXPECT_EQ(guessed_layout(8), "7.1");
}

TEST(Channels, NobodyGuessesMore) {
  for (const int channels : {-1, 0, 9, 10, 15, 16, 24}) EXPECT_EQ(guessed_layout(channels), "") << channels;
}

TEST(Channels, ALayoutThatIsTheirNumberIsNone) {
  AudioTrack track;
  track.channels = 10;
  track.channel_layout = "10 channels";
  EXPECT_TRUE(has_no_layout(track));
  track.channel_layout = "5.1.4";
  EXPECT_FALSE(has_no_layout(track));
  track.channel_layout = "";
  EXPECT_FALSE(has_no_layout(track));
}

}  // namespace
}  // namespace millrace::engine
