#include "bench/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "engine/base/file.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using Json = nlohmann::ordered_json;

// Of the environment: when, and how loaded it was, differs between any two runs; the workload is the setting
// in words.
constexpr std::string_view kNotCompared[] = {"date", "load_before", "workload"};
// Of the report itself: what must be alike for the figures to be comparable.
constexpr const char* kSetting[] = {"profile", "spec", "devices", "seconds", "warm_up_seconds"};

Status check(const Json& report) {
  if (report.is_object() && report.value("kind", Json()).is_string() &&
      report.value("summary", Json()).is_object())
    return {};
  return Status(
      Code::corrupt_input,
      "it is no report with a summary; name what millrace-bench capacity or overhead wrote (--json)");
}

std::string shown(const Json& value) {
  if (value.is_null()) return "not measured";
  if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string ratio(const Json& a, const Json& b) {
  if (!a.is_number() || !b.is_number() || a.get<double>() == 0) return "";
  return fmt::format("{:.3f}", b.get<double>() / a.get<double>());
}

std::string difference(const std::string& name, const Json& a, const Json& b) {
  return a == b ? std::string() : fmt::format("  {}: {} | {}\n", name, shown(a), shown(b));
}

}  // namespace

Result<std::string> comparison_text(const Json& a, const Json& b) {
  for (const Json* report : {&a, &b})
    if (Status s = check(*report); !s.ok()) return s;
  if (a["kind"] != b["kind"])
    return Status(Code::invalid_argument,
                  fmt::format("one is a report of {}, the other of {}", shown(a["kind"]), shown(b["kind"])));
  std::string text = fmt::format("{:<26}{:>16}{:>16}{:>10}\n", "", "A", "B", "B / A");
  for (const auto& [name, value] : a["summary"].items()) {
    const Json other = b["summary"].value(name, Json());
    text += fmt::format("{:<26}{:>16}{:>16}{:>10}\n", name, shown(value), shown(other), ratio(value, other));
  }
  std::string work, machine;
  for (const char* name : kSetting) work += difference(name, a.value(name, Json()), b.value(name, Json()));
  const Json there = b.value("environment", Json::object());
  const Json here = a.value("environment", Json::object());
  for (const auto& [name, value] : here.items()) {
    if (std::find(std::begin(kNotCompared), std::end(kNotCompared), name) != std::end(kNotCompared)) continue;
    machine += difference(name, value, there.value(name, Json()));
  }
  if (!work.empty()) text += "Not the same work (A | B):\n" + work;
  if (!machine.empty()) text += "Not on the same (A | B):\n" + machine;
  for (const auto& [name, report] : {std::pair("A", &a), std::pair("B", &b)})
    for (const Json& mark : report->value("marks", Json::array()))
      text += fmt::format("{} {}\n", name, shown(mark));
  return text;
}

Result<std::string> compare_files(const std::filesystem::path& a, const std::filesystem::path& b) {
  Json reports[2];
  std::string text;
  for (int i = 0; i < 2; ++i) {
    const std::filesystem::path& file = i == 0 ? a : b;
    const Result<std::string> read = engine::read_file(file);
    if (!read.ok()) return read.status();
    reports[i] = Json::parse(*read, nullptr, false);
    if (const Status s = check(reports[i]); !s.ok()) return s.under(file.string());
    text += fmt::format("{}: {}\n", i == 0 ? "A" : "B", file.string());
  }
  const Result<std::string> compared = comparison_text(reports[0], reports[1]);
  if (!compared.ok()) return compared.status();
  return text + *compared;
}

}  // namespace millrace::bench
