// The report as one page that needs nothing else: styles and pictures stand in it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "bench/ladder_report.h"

namespace millrace::bench {

std::string html_page(const LadderReport& report);

// With the five characters that mean something in HTML written out.
std::string html_escaped(std::string_view text);

}  // namespace millrace::bench
