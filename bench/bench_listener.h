// BenchListener hears how a measurement goes. Plain data.
#pragma once

#include <functional>
#include <string_view>

#include "bench/environment.h"

namespace millrace::bench {

// `environment` once before the first run (and is to be printed then), `progress` a line at a time.
struct BenchListener {
  std::function<void(const Environment& environment)> environment;
  std::function<void(std::string_view line)> progress;
};

}  // namespace millrace::bench
