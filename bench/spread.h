// Spread: several measurements of one thing. Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace millrace::bench {

struct Spread {
  double least = 0;
  double median = 0;  // of an even count: the mean of the middle two
  double most = 0;
};

// All zero for no values.
Spread spread_of(std::vector<double> values);

// Many measurements of a time, in one unit.
struct Times {
  std::size_t count = 0;
  double median = 0;
  double p99 = 0;  // ninety-nine of a hundred are no longer
  double most = 0;
};
// All zero for no values.
Times times_of(std::vector<double> values);

}  // namespace millrace::bench
