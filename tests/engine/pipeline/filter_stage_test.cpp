#include "engine/pipeline/filter_stage.h"

#include <gmock/gmock.h>

#include "engine/pipeline/media_log.h"
#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(FilterStage, KeepsTimes) {
  CollectingSink sink;
  FilterStage stage({.chain = "scale=8:8"}, sink);
  for (const std::int64_t pts : {0, 3003, 100'000}) ASSERT_TRUE(stage.push(picture(pts)).ok());
  ASSERT_TRUE(stage.finish().ok());
  EXPECT_THAT(sink.pts, ElementsAre(0, 3003, 100'000));
  EXPECT_EQ(sink.frames[0]->width, 8);
  EXPECT_TRUE(sink.finished);
}

TEST(FilterStage, GivesWhatAFilterHeldBackAtTheEnd) {
  CollectingSink sink;
  FilterStage stage({.chain = "bwdif=mode=send_frame:deint=all"}, sink);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(stage.push(picture(i * 3600, 64, 64)).ok());
  ASSERT_TRUE(stage.finish().ok());
  EXPECT_THAT(sink.pts, ElementsAre(0, 3600, 7200, 10'800, 14'400));
}

TEST(FilterStage, AdaptsToAPictureOfAnotherSizeAndLosesNone) {
  CollectingSink sink;
  FilterStage stage({.chain = "bwdif=mode=send_frame:deint=all,scale=32:32"}, sink);
  for (int i = 0; i < 6; ++i) {
    const int side = i < 3 ? 64 : 48;
    ASSERT_TRUE(stage.push(picture(i * 3600, side, side)).ok());
  }
  ASSERT_TRUE(stage.finish().ok());
  EXPECT_EQ(sink.pts.size(), 6u);
}

TEST(FilterStage, TheChainMayDependOnTheShape) {
  CollectingSink sink;
  FilterStage::Settings settings;
  settings.chain_for = [](const AVFrame& first) {
    return first.width == 64 ? std::string("bwdif=mode=send_frame:deint=all") : std::string();
  };
  FilterStage stage(std::move(settings), sink);
  for (int i = 0; i < 9; ++i) {
    const int side = i / 3 % 2 == 0 ? 64 : 48;
    ASSERT_TRUE(stage.push(picture(i * 3600, side, side)).ok());
  }
  ASSERT_TRUE(stage.finish().ok());
  std::vector<std::int64_t> all;
  for (int i = 0; i < 9; ++i) all.push_back(i * 3600);
  EXPECT_EQ(sink.pts, all) << "what a chain held back goes before the next shape";
}

TEST(FilterStage, NamesAChainThatCannotBe) {
  CollectingSink sink;
  FilterStage stage({.chain = "no_such_filter"}, sink);
  const Status status = stage.push(picture(0));
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr("no_such_filter"));
}

TEST(FilterStage, TellsOfAFailureAsItIsAskedTo) {
  init_media_log();
  CollectingSink sink;
  FilterStage::Settings settings;
  settings.chain = "no_such_filter";
  settings.failure = [](int) { return Status(Code::device_lost, media_words()); };
  FilterStage stage(std::move(settings), sink);
  forget_media_words();
  EXPECT_EQ(media_words(), "");
  const Status status = stage.push(picture(0));
  EXPECT_EQ(status.code(), Code::device_lost);
  EXPECT_EQ(status.message(), "No such filter: 'no_such_filter'") << "without the address of who says it";
}

}  // namespace
}  // namespace millrace::engine
