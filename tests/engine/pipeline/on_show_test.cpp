#include "engine/pipeline/on_show.h"

#include <gmock/gmock.h>

#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OnShowTest : public testing::Test {
 protected:
  // Pictures of 10 ticks each.
  void push(OnShow& show, std::initializer_list<std::int64_t> times) {
    for (const std::int64_t time : times) {
      FramePtr frame = picture(time);
      set_duration(*frame, 10);
      ASSERT_TRUE(show.push(std::move(frame)).ok());
    }
  }
  // "10:1,2" for stills 1 and 2 of the picture at 10.
  std::vector<std::string> told() const {
    std::vector<std::string> text;
    for (const ShownPicture& each : shown_) {
      std::string line = std::to_string(each.pts) + ":";
      for (const Still& still : each.stills) line += std::to_string(still.index);
      text.push_back(line);
    }
    return text;
  }

  CollectingSink out_;
  std::deque<ShownPicture> shown_;
};

TEST_F(OnShowTest, ThePictureThatBeganLastIsOnShow) {
  OnShow show({}, shown_, out_);
  show.want({0, 0});
  show.want({1, 19});
  show.want({2, 20});
  push(show, {0, 10, 20});
  EXPECT_TRUE(show.waits());  // what follows 20 is not known yet
  push(show, {30});
  EXPECT_FALSE(show.waits());
  EXPECT_THAT(out_.pts, ElementsAre(0, 10, 20));
  EXPECT_THAT(told(), ElementsAre("0:0", "10:1", "20:2"));
}

TEST_F(OnShowTest, OnePictureServesSeveralTimes) {
  OnShow show({}, shown_, out_);
  show.want({0, 11});
  show.want({1, 18});
  push(show, {0, 10, 20});
  EXPECT_THAT(out_.pts, ElementsAre(10));
  EXPECT_THAT(told(), ElementsAre("10:01"));
}

TEST_F(OnShowTest, BeforeTheFirstPictureTheFirstIsShown) {
  OnShow show({}, shown_, out_);
  show.want({0, 3});
  push(show, {5, 15});
  EXPECT_THAT(told(), ElementsAre("5:0"));
}

TEST_F(OnShowTest, AfterATrimThePictureFromBeforeItIsOnShowAtZero) {
  OnShow show({}, shown_, out_);
  show.want({0, 0});
  push(show, {-30, -5, 20});
  EXPECT_THAT(told(), ElementsAre("-5:0"));
}

TEST_F(OnShowTest, TheLastPictureStaysUntilItsEnd) {
  OnShow show({}, shown_, out_);
  show.want({0, 19});
  show.want({1, 20});
  push(show, {0, 10});
  ASSERT_TRUE(show.finish().ok());
  EXPECT_THAT(told(), ElementsAre("10:0"));
  EXPECT_EQ(show.left_over()->index, 1);
  EXPECT_EQ(show.end(), 20);
  EXPECT_TRUE(out_.finished);
}

TEST_F(OnShowTest, TheLastPictureStaysUntilTheMediaEnds) {
  OnShow::Settings settings;
  settings.least_end = [] { return 50; };
  OnShow show(std::move(settings), shown_, out_);
  show.want({0, 49});
  show.want({1, 50});
  push(show, {0, 10});
  ASSERT_TRUE(show.finish().ok());
  EXPECT_THAT(told(), ElementsAre("10:0"));
  EXPECT_TRUE(show.left_over());
}

TEST_F(OnShowTest, ARunEndsWithItsLastPicture) {
  OnShow show({}, shown_, out_);
  show.want({0, 12});
  push(show, {0, 10});
  ASSERT_TRUE(show.end_run(200).ok());
  EXPECT_THAT(told(), ElementsAre("10:0"));
  show.want({1, 205});
  push(show, {200, 210});
  EXPECT_THAT(told(), ElementsAre("10:0", "200:1"));
}

TEST_F(OnShowTest, ARunLeavesLaterStillsToTheNext) {
  OnShow show({}, shown_, out_);
  show.want({0, 205});
  push(show, {0, 10});
  ASSERT_TRUE(show.end_run(205).ok());
  EXPECT_THAT(told(), IsEmpty());
  push(show, {200, 210});
  EXPECT_THAT(told(), ElementsAre("200:0"));
}

TEST_F(OnShowTest, NeighboursGoOnOnceAndInOrder) {
  OnShow::Settings settings;
  settings.neighbours = true;
  OnShow show(std::move(settings), shown_, out_);
  show.want({0, 20});
  show.want({1, 30});
  show.want({2, 70});
  push(show, {0, 10, 20, 30, 40, 50, 60, 70});
  EXPECT_THAT(out_.pts, ElementsAre(10, 20, 30, 40));
  ASSERT_TRUE(show.finish().ok());
  EXPECT_THAT(out_.pts, ElementsAre(10, 20, 30, 40, 60, 70));
  EXPECT_THAT(told(), ElementsAre("20:0", "30:1", "70:2"));
}

TEST_F(OnShowTest, AsksForMoreStillsWhenNoneIsWanted) {
  std::int64_t next = 0;
  OnShow::Settings settings;
  settings.refill = [&] { return std::optional<Still>({next, next++ * 25}); };
  OnShow show(std::move(settings), shown_, out_);
  push(show, {0, 10, 100});
  EXPECT_THAT(told(), ElementsAre("0:0", "10:123"));
  ASSERT_TRUE(show.finish().ok());
  EXPECT_THAT(told(), ElementsAre("0:0", "10:123", "100:4"));
}

}  // namespace
}  // namespace millrace::engine
