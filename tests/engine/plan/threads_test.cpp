#include "engine/plan/threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/plan/estimate.h"
#include "tests/engine/plan/sources.h"

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

TEST(Threads, TheSmallestRenditionAloneIsDecodedWithMore) {
  Plan plan;
  EXPECT_EQ(decoder_threads_alone(plan), 2);
  plan.decoder_threads = 2;
  plan.ranges_at_once = 4;
  EXPECT_EQ(decoder_threads_alone(plan), 8);
}

TEST(Threads, AFinishedSegmentIsCheckedByNoMoreThreadsThanItsEncoderHas) {
  EXPECT_EQ(check_threads_for(1), 1);
  EXPECT_EQ(check_threads_for(3), 3);
  EXPECT_EQ(check_threads_for(16), 4);
}

class Ranges : public testing::Test {
 protected:
  Ranges() {
    plan_.source = test::full_hd();
    plan_.source.can_seek = true;
    plan_.clock = SegmentClock(360'000);
    plan_.renditions = of_heights({1080, 720, 480, 360});
    plan_.estimated_segments = 1'000;
  }
  int of(int cores, std::uint64_t gigabytes = 0) const {
    return ranges_for(plan_, cores, gigabytes * 1'000'000'000);
  }
  Plan plan_;
};

TEST_F(Ranges, AreAsManyAsItTakesToKeepTheCoresBusy) {
  std::vector<int> ranges;
  for (const int cores : {1, 2, 4, 8, 16, 64}) ranges.push_back(of(cores));
  EXPECT_THAT(ranges, ElementsAre(1, 1, 1, 2, 4, 14));
  plan_.renditions = of_heights({360});
  EXPECT_THAT((std::vector<int>{of(2), of(4), of(16)}), ElementsAre(1, 2, 8));
  plan_.renditions = of_heights({2160});
  EXPECT_THAT((std::vector<int>{of(4), of(16)}), ElementsAre(1, 3));
  plan_.renditions[0].codec = VideoCodec::theora;
  EXPECT_EQ(of(16), 8);
}

TEST_F(Ranges, AreNotShorterThanTwelveSeconds) {
  EXPECT_EQ(least_segments_of(plan_.clock), 3);
  EXPECT_EQ(least_segments_of(SegmentClock(900'000)), 2);
  EXPECT_EQ(least_segments_of(SegmentClock(90'000)), 12);
  plan_.estimated_segments = 16;
  EXPECT_EQ(of(64), 5);
  plan_.estimated_segments = 5;
  EXPECT_EQ(of(64), 1);
}

TEST_F(Ranges, FitIntoAThirdOfTheMemory) {
  EXPECT_NEAR(static_cast<double>(estimate_range_memory(plan_)), 1.017e9, 2e7);
  EXPECT_EQ(of(64, 256), 14);
  EXPECT_EQ(of(64, 16), 5);
  EXPECT_EQ(of(64, 1), 1);
}

TEST_F(Ranges, OfAJobThatGoesOnFollowTheCoresItHasNow) {
  plan_.range_cores = 4;
  EXPECT_EQ(ranges_again(plan_, 16, 0), 4);
  EXPECT_EQ(ranges_again(plan_, 8, 0), 2);
  EXPECT_EQ(ranges_again(plan_, 2, 0), 1);
  EXPECT_EQ(ranges_again(plan_, 16, 3'500'000'000), 1);
}

TEST_F(Ranges, AreOneWhereTheyCannotBeginAnywhere) {
  ASSERT_EQ(of(16), 4);
  const auto with = [&](const std::function<void(Plan&)>& change) {
    Plan plan = plan_;
    change(plan);
    return ranges_for(plan, 16, 0);
  };
  EXPECT_EQ(with([](Plan& plan) { plan.source.can_seek = false; }), 1);
  EXPECT_EQ(with([](Plan& plan) { plan.estimated_segments = 0; }), 1);
  EXPECT_EQ(with([](Plan& plan) { plan.accept_damage = true; }), 1);
  EXPECT_EQ(with([](Plan& plan) { plan.real_time = true; }), 1);
  EXPECT_EQ(with([](Plan& plan) { plan.decode_device = "cuda:0"; }), 1);
  EXPECT_EQ(with([](Plan& plan) { plan.renditions[1].encode_device = "cuda:0"; }), 1);
  EXPECT_EQ(with([](Plan& plan) { plan.renditions.clear(); }), 1);
}

}  // namespace
}  // namespace millrace::engine
