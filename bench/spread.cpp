#include "bench/spread.h"

#include <algorithm>
#include <cstddef>

namespace millrace::bench {

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {values.front(), median, values.back()};
}

Times times_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t count = values.size();
  // The smallest value that 99 of 100 do not exceed.
  const std::size_t p99 = (count * 99 + 99) / 100 - 1;
  return {count, spread_of(values).median, values[p99], values.back()};
}

}  // namespace millrace::bench
