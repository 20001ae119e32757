// Metric: one figure that operators watch, in Prometheus' terms. Plain data.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace millrace::engine {

struct Metric {
  enum class Kind { counter, gauge };
  struct Sample {
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
  };

  std::string name;  // "millrace_steps_down_total"
  Kind kind = Kind::gauge;
  std::string help;  // a sentence
  std::vector<Sample> samples = {};
};

}  // namespace millrace::engine
