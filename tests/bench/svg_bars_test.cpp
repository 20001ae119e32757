#include "bench/svg_bars.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SvgBars, LengthsAreInProportion) {
  const std::string svg =
      svg_of({"wall", {{"a", {5, 5, 5}, "5 s", true}, {"b", {10, 10, 10}, "10 s", false}}, {}});
  EXPECT_THAT(svg, HasSubstr("class=\"ours\" x=\"230\" y=\"8\" width=\"165.0\""));
  EXPECT_THAT(svg, HasSubstr("class=\"theirs\" x=\"230\" y=\"42\" width=\"330.0\""));
  EXPECT_THAT(svg, Not(HasSubstr("class=\"range\""))) << "one value has no range";
}

TEST(SvgBars, TheRangeIsDrawnFromLeastToMost) {
  const std::string svg = svg_of({"wall", {{"a", {5, 8, 10}, "8 s", true}}, {}});
  EXPECT_THAT(svg, HasSubstr("width=\"264.0\""));
  EXPECT_THAT(svg, HasSubstr("M395.0 17H560.0"));
}

TEST(SvgBars, TheLimitCountsForTheScale) {
  const std::string svg = svg_of({"peak", {{"a", {350, 350, 350}, "350 MB", true}}, 700});
  EXPECT_THAT(svg, HasSubstr("width=\"165.0\""));
  EXPECT_THAT(svg, HasSubstr("class=\"limit\" d=\"M560.0 0"));
}

TEST(SvgBars, NamesAreEscapedAndNothingIsNoDivisionByZero) {
  const std::string svg = svg_of({"a<b", {{"x&y", {0, 0, 0}, "\"0\"", false}}, {}});
  EXPECT_THAT(svg, HasSubstr("aria-label=\"a&lt;b\""));
  EXPECT_THAT(svg, HasSubstr("x&amp;y"));
  EXPECT_THAT(svg, HasSubstr("width=\"0.0\""));
}

}  // namespace
}  // namespace millrace::bench
