// Spread: several measurements of one thing. Pure.
#pragma once

#include <vector>

namespace millrace::bench {

struct Spread {
  double least = 0;
  double median = 0;  // of an even count: the mean of the middle two
  double most = 0;
};

// All zero for no values.
Spread spread_of(std::vector<double> values);

}  // namespace millrace::bench
