#include "engine/schedule/run_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/schedule/until_unwanted.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;

TEST(RunControl, AStopAndAPauseAreHeardEachForItself) {
  RunControl control;
  control.pause();
  EXPECT_TRUE(control.paused().stop_requested());
  EXPECT_FALSE(control.stopped().stop_requested());
  control.stop();
  EXPECT_TRUE(control.stopped().stop_requested());
}

TEST(RunControl, AnOutputIsLeftOutUntilTheOutputsAreClosed) {
  RunControl control;
  const std::stop_token web = control.left_out("web");
  const std::stop_token abr = control.left_out("abr");
  EXPECT_TRUE(control.leave_out("web"));
  EXPECT_TRUE(web.stop_requested());
  EXPECT_FALSE(abr.stop_requested());
  EXPECT_THAT(control.close_outputs(), ElementsAre("web"));
  EXPECT_TRUE(control.leave_out("web")) << "it is left out already";
  EXPECT_FALSE(control.leave_out("abr"));
  EXPECT_FALSE(abr.stop_requested());
  EXPECT_THAT(control.left_out(), ElementsAre("web"));
}

TEST(RunControl, WhoeverHearsOfALeftOutOutputSeesItAmongThem) {
  RunControl control;
  std::set<std::string> seen;
  const std::stop_callback heard(control.left_out("web"), [&] { seen = control.left_out(); });
  control.leave_out("web");
  EXPECT_THAT(seen, ElementsAre("web"));
}

// "abr" has a ladder of two and shares its sound with "web", which has a rendition of its own.
class UntilUnwantedTest : public testing::Test {
 protected:
  void SetUp() override {
    PlannedOutput abr;
    abr.name = abr.path = "abr";
    abr.renditions = {"abr/720p", "abr/360p"};
    abr.sounds = {"abr/audio"};
    PlannedOutput web;
    web.name = "web";
    web.path = "web.mp4";
    web.type = PlannedOutput::Type::file;
    web.renditions = {".parts/web"};
    web.sounds = {"abr/audio"};
    plan_.outputs = {abr, web};
  }
  Plan plan_;
  RunControl control_;
  std::stop_source stop_;
};

TEST_F(UntilUnwantedTest, ComesWithTheStop) {
  const UntilUnwanted until(plan_, {"abr/720p"}, control_, stop_.get_token());
  EXPECT_FALSE(until.token().stop_requested());
  stop_.request_stop();
  EXPECT_TRUE(until.token().stop_requested());
  EXPECT_FALSE(until.unwanted());
}

TEST_F(UntilUnwantedTest, ComesOnceOneOfTheTracksIsWantedByNobody) {
  const UntilUnwanted range(plan_, {"abr/720p", "abr/360p", ".parts/web"}, control_, stop_.get_token());
  const UntilUnwanted sound(plan_, {"abr/audio"}, control_, stop_.get_token());
  const UntilUnwanted file(plan_, {"web.mp4"}, control_, stop_.get_token());
  control_.leave_out("web");
  EXPECT_TRUE(range.unwanted());
  EXPECT_TRUE(range.token().stop_requested());
  EXPECT_TRUE(file.unwanted());
  EXPECT_FALSE(sound.token().stop_requested()) << "abr wants it still";
  control_.leave_out("abr");
  EXPECT_TRUE(sound.unwanted());
}

TEST_F(UntilUnwantedTest, IsThereAtOnceForWhatIsUnwantedAlready) {
  control_.leave_out("web");
  EXPECT_TRUE(UntilUnwanted(plan_, {".parts/web"}, control_, stop_.get_token()).token().stop_requested());
}

}  // namespace
}  // namespace millrace::engine
