#include "server/telemetry/prometheus_text.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <utility>

#include "engine/job/json_text.h"

namespace millrace::server {
namespace {

using engine::Metric;

// prometheus-cpp escapes labels, and leaves a HELP line as it comes.
std::string one_line(const std::string& text) {
  std::string line;
  for (const char c : engine::as_utf8(text)) {
    if (c == '\n')
      line += "\\n";
    else
      line += c == '\\' ? "\\\\" : std::string(1, c);
  }
  return line;
}

prometheus::ClientMetric sample_of(const Metric::Sample& sample, Metric::Kind kind) {
  prometheus::ClientMetric made;
  for (const auto& [name, value] : sample.labels) made.label.push_back({name, engine::as_utf8(value)});
  (kind == Metric::Kind::counter ? made.counter.value : made.gauge.value) = sample.value;
  return made;
}

}  // namespace

std::string prometheus_text(const std::vector<Metric>& metrics) {
  std::vector<prometheus::MetricFamily> families;
  for (const Metric& metric : metrics) {
    prometheus::MetricFamily family;
    family.name = metric.name;
    family.help = one_line(metric.help);
    family.type = metric.kind == Metric::Kind::counter ? prometheus::MetricType::Counter
                                                       : prometheus::MetricType::Gauge;
    for (const Metric::Sample& sample : metric.samples)
      family.metric.push_back(sample_of(sample, metric.kind));
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace millrace::server
