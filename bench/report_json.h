// The report for programs: the same content as the text, unrounded. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "bench/ladder_report.h"

namespace millrace::bench {

// Units stand in the names: wall_seconds, peak_bytes, bits_per_second. Absent figures are null.
nlohmann::ordered_json to_json(const LadderReport& report);

// Parts of it that every report has.
nlohmann::ordered_json environment_json(const Environment& environment);
nlohmann::ordered_json way_json(const WayFigures& way);
nlohmann::ordered_json targets_json(std::span<const Target> targets);
nlohmann::ordered_json spread_json(const std::vector<double>& values);  // null for none
nlohmann::ordered_json text_or_null(const std::string& text);           // null for an empty one

}  // namespace millrace::bench
