// The report for programs: the same content as the text, unrounded. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "bench/ladder_report.h"

namespace millrace::bench {

// Units stand in the names: wall_seconds, peak_bytes, bits_per_second. Absent figures are null.
nlohmann::ordered_json to_json(const LadderReport& report);

}  // namespace millrace::bench
