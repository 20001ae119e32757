// A measurement of fake programs by a listener that remembers.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "bench/bench_listener.h"
#include "bench/stop_flag.h"
#include "tests/bench/scripts.h"

namespace millrace::bench {

class ListeningBench : public ::testing::Test {
 protected:
  ListeningBench() {
    listener_.environment = [](const Environment&) {};
    listener_.progress = [this](std::string_view line) { heard_ += std::string(line) + "\n"; };
  }

  Scripts scripts_;
  BenchListener listener_;
  StopFlag stop_;
  std::string heard_;  // each line of progress
};

}  // namespace millrace::bench
