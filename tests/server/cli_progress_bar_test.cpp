#include "server/cli/progress_bar.h"

#include <gmock/gmock.h>

#include <limits>
#include <sstream>

namespace millrace::server {
namespace {

using testing::HasSubstr;
using testing::Not;

engine::Progress halfway() {
  engine::Progress progress;
  progress.phase = engine::Phase::processing;
  progress.done = 0.5;
  progress.speed = 1.84;
  progress.eta_seconds = 83;
  return progress;
}

TEST(ProgressBar, SaysPhaseShareSpeedAndTimeLeft) {
  EXPECT_EQ(progress_line(halfway(), 60), "processing  50 % [############            ]  1.8x  1:23 left");
}

TEST(ProgressBar, LeavesOutWhatIsNotKnown) {
  engine::Progress progress;
  const std::string line = progress_line(progress, 80);
  EXPECT_THAT(line, HasSubstr("checking     0 % ["));
  EXPECT_THAT(line, Not(HasSubstr("left")));
  EXPECT_THAT(line, Not(HasSubstr("x ")));
}

TEST(ProgressBar, FitsTheTerminalWhateverTheFigures) {
  engine::Progress progress = halfway();
  for (const double done : {-1.0, 0.0, 0.999, 1.0, 7.0, std::numeric_limits<double>::quiet_NaN()}) {
    progress.done = done;
    for (int width = 0; width < 100; ++width)
      EXPECT_LE(progress_line(progress, width).size(), static_cast<std::size_t>(width));
  }
}

TEST(ProgressBar, WritesTimesAsPeopleDo) {
  EXPECT_EQ(clock_text(0), "0:00");
  EXPECT_EQ(clock_text(59.2), "1:00");
  EXPECT_EQ(clock_text(3599), "59:59");
  EXPECT_EQ(clock_text(7207), "2:00:07");
}

TEST(ProgressBar, ShowsEveryPhaseHoweverShort) {
  std::ostringstream terminal;
  ProgressBar bar(terminal);
  for (const engine::Phase phase :
       {engine::Phase::checking, engine::Phase::processing, engine::Phase::packaging}) {
    engine::Progress progress;
    progress.phase = phase;
    bar.show(progress);
    EXPECT_THAT(terminal.str(), testing::HasSubstr(std::string(name_of(phase))));
  }
}

TEST(ProgressBar, CleansUpItsLine) {
  std::ostringstream terminal;
  { ProgressBar(terminal).show(halfway()); }
  EXPECT_TRUE(terminal.str().ends_with("\r\x1b[K"));
  std::ostringstream silent;
  { ProgressBar never(silent); }
  EXPECT_EQ(silent.str(), "");
}

}  // namespace
}  // namespace millrace::server
