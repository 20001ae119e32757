#include "engine/plan/threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;

std::vector<PlannedRendition> of_heights(std::initializer_list<int> heights) {
  std::vector<PlannedRendition> renditions;
  for (const int height : heights) {
    PlannedRendition rendition;
    rendition.height = height;
    rendition.width = height * 16 / 9;
    renditions.push_back(rendition);
  }
  return renditions;
}

TEST(Threads, OnTwoCoresOnlyTheLargestGetsTwo) {
  EXPECT_THAT(threads_for(of_heights({1080, 720, 480, 360}), 2), ElementsAre(2, 1, 1, 1));
}

TEST(Threads, OnOneCoreEveryEncoderHasOne) {
  EXPECT_THAT(threads_for(of_heights({1080, 720, 480, 360}), 1), ElementsAre(1, 1, 1, 1));
}

TEST(Threads, FollowThePixelsOnManyCores) {
  EXPECT_THAT(threads_for(of_heights({1080, 720, 480, 360}), 16), ElementsAre(10, 5, 2, 2));
  EXPECT_THAT(threads_for(of_heights({1080, 360}), 64), ElementsAre(16, 7));
}

TEST(Threads, OneRenditionGetsAllCoresUpToSixteen) {
  EXPECT_THAT(threads_for(of_heights({720}), 4), ElementsAre(4));
  EXPECT_THAT(threads_for(of_heights({720}), 100), ElementsAre(16));
  EXPECT_THAT(threads_for({}, 4), ElementsAre());
}

TEST(Threads, TheDecoderTakesHalfTheCoresAndAtMostEight) {
  EXPECT_EQ(decoder_threads_for(1), 1);
  EXPECT_EQ(decoder_threads_for(2), 1);
  EXPECT_EQ(decoder_threads_for(6), 3);
  EXPECT_EQ(decoder_threads_for(64), 8);
}

}  // namespace
}  // namespace millrace::engine
