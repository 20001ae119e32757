// The report as one page that needs nothing else: styles and pictures stand in it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/ladder_report.h"

namespace millrace::bench {

std::string html_page(const LadderReport& report);

// Of a measurement that is told in words: the verdicts as a table, the rest as it is printed.
struct PlainPage {
  std::string title;
  std::string environment;
  std::string figures;
  std::vector<Target> targets;
  std::string charts = {};             // HTML, between the targets and the figures
  std::vector<std::string> lead = {};  // the result in sentences, below the title
};
std::string html_page(const PlainPage& page);

// With the five characters that mean something in HTML written out.
std::string html_escaped(std::string_view text);

}  // namespace millrace::bench
