#include "engine/pipeline/even_rate.h"

#include <gmock/gmock.h>

#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The width tells the pictures apart.
struct Shown {
  std::int64_t pts;
  int width;
};
bool operator==(const Shown& a, const Shown& b) { return a.pts == b.pts && a.width == b.width; }
void PrintTo(const Shown& shown, std::ostream* out) { *out << shown.width << " at " << shown.pts; }

// 16, 18, 20 ... wide, at these times; each lasts `duration`.
std::vector<Shown> even(const Rational& rate, const std::vector<std::int64_t>& pts,
                        std::int64_t duration = 3600) {
  CollectingSink sink;
  EvenRate stage(rate, sink);
  int width = 16;
  for (const std::int64_t each : pts) {
    FramePtr frame = picture(each, width);
    set_duration(*frame, duration);
    EXPECT_TRUE(stage.push(std::move(frame)).ok());
    width += 2;
  }
  EXPECT_TRUE(stage.finish().ok());
  EXPECT_TRUE(sink.finished);
  std::vector<Shown> shown;
  for (const FramePtr& frame : sink.frames) shown.push_back({frame->pts, frame->width});
  return shown;
}

TEST(EvenRate, LeavesAConstantRateAlone) {
  EXPECT_THAT(even({25, 1}, {0, 3600, 7200}), ElementsAre(Shown{0, 16}, Shown{3600, 18}, Shown{7200, 20}));
}

TEST(EvenRate, ShowsAPictureAgainWhereNothingNewCame) {
  EXPECT_THAT(even({25, 1}, {0, 10'800}),
              ElementsAre(Shown{0, 16}, Shown{3600, 16}, Shown{7200, 16}, Shown{10'800, 18}));
}

TEST(EvenRate, TimesThatWaverGoToTheNearestPlace) {
  EXPECT_THAT(even({25, 1}, {0, 3500, 7300, 10'700}),
              ElementsAre(Shown{0, 16}, Shown{3600, 18}, Shown{7200, 20}, Shown{10'800, 22}));
}

TEST(EvenRate, OfTwoInOnePlaceTheNearerIsShown) {
  EXPECT_THAT(even({25, 1}, {0, 3000, 3500, 7200}),
              ElementsAre(Shown{0, 16}, Shown{3600, 20}, Shown{7200, 22}));
  EXPECT_THAT(even({25, 1}, {0, 3600, 5300, 7200}),
              ElementsAre(Shown{0, 16}, Shown{3600, 18}, Shown{7200, 22}));
}

TEST(EvenRate, HalvesARateToEverySecondPicture) {
  EXPECT_THAT(even({25, 1}, {0, 1800, 3600, 5400, 7200, 9000}, 1800),
              ElementsAre(Shown{0, 16}, Shown{3600, 20}, Shown{7200, 24}));
}

TEST(EvenRate, TheLastPictureStaysAsLongAsItLasts) {
  EXPECT_THAT(even({25, 1}, {0}, 10'800), ElementsAre(Shown{0, 16}, Shown{3600, 16}, Shown{7200, 16}));
  EXPECT_THAT(even({25, 1}, {0}, 0), ElementsAre(Shown{0, 16}));
}

TEST(EvenRate, FractionalRatesDoNotDrift) {
  std::vector<std::int64_t> pts;
  for (int frame = 0; frame < 3000; ++frame) pts.push_back(frame * 3003);
  const auto shown = even({30'000, 1001}, pts, 3003);
  ASSERT_EQ(shown.size(), 3000u);
  EXPECT_EQ(shown[2999].pts, 2999 * 3003);
}

TEST(EvenRate, NothingStaysNothing) { EXPECT_THAT(even({25, 1}, {}), IsEmpty()); }

TEST(EvenRate, PassesAFailureOn) {
  CollectingSink sink(0);
  EvenRate stage({25, 1}, sink);
  ASSERT_TRUE(stage.push(picture(0)).ok());
  EXPECT_EQ(stage.push(picture(3600)).code(), Code::io_error);
}

}  // namespace
}  // namespace millrace::engine
