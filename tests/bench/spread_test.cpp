#include "bench/spread.h"

#include <gtest/gtest.h>

namespace millrace::bench {
namespace {

TEST(Spread, TableOfMedians) {
  struct Case {
    std::vector<double> values;
    double least, median, most;
  };
  const Case cases[] = {
      {{}, 0, 0, 0}, {{5}, 5, 5, 5}, {{3, 1, 2}, 1, 2, 3}, {{4, 1, 3, 2}, 1, 2.5, 4}, {{9, 1, 1}, 1, 1, 9}};
  for (const Case& c : cases) {
    const Spread spread = spread_of(c.values);
    EXPECT_EQ(spread.least, c.least) << c.values.size();
    EXPECT_EQ(spread.median, c.median) << c.values.size();
    EXPECT_EQ(spread.most, c.most) << c.values.size();
  }
}

}  // namespace
}  // namespace millrace::bench
