// Metrics in Prometheus' text exposition format 0.0.4. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/schedule/metric.h"

namespace millrace::server {

inline constexpr const char* kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

// A metric without samples has its HELP and TYPE lines all the same. Bytes that are no UTF-8 come out as
// U+FFFD: for one such label Prometheus would drop all.
std::string prometheus_text(const std::vector<engine::Metric>& metrics);

}  // namespace millrace::server
