#include "server/telemetry/prometheus_text.h"

#include <fmt/format.h>

#include <string_view>

#include "engine/job/json_text.h"

namespace millrace::server {
namespace {

using engine::Metric;

// Quotes may stand in a HELP line as they are.
std::string escaped(const std::string& text, bool quotes) {
  std::string out;
  for (const char c : engine::as_utf8(text)) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    out += c;
  }
  return out;
}

std::string labels_text(const Metric::Sample& sample) {
  std::string text;
  for (const auto& [name, value] : sample.labels)
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, escaped(value, true));
  return text.empty() ? text : "{" + text + "}";
}

}  // namespace

std::string prometheus_text(const std::vector<Metric>& metrics) {
  std::string text;
  for (const Metric& metric : metrics) {
    const std::string_view type = metric.kind == Metric::Kind::counter ? "counter" : "gauge";
    text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", metric.name, escaped(metric.help, false), type);
    for (const Metric::Sample& sample : metric.samples)
      text += fmt::format("{}{} {}\n", metric.name, labels_text(sample), sample.value);
  }
  return text;
}

}  // namespace millrace::server
