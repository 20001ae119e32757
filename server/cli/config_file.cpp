#include "server/cli/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <vector>

#include "engine/base/file.h"

namespace millrace::server {

using engine::Code;
using engine::Result;
using engine::Status;

namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// A text in quotes, or a list of such texts, as JSON has them; anything else as it stands.
std::vector<std::string> values_in(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_string()) return {json.get<std::string>()};
  const bool are_texts =
      json.is_array() && !json.empty() &&
      std::all_of(json.begin(), json.end(), [](const auto& each) { return each.is_string(); });
  return are_texts ? json.get<std::vector<std::string>>() : std::vector<std::string>{std::string(text)};
}

}  // namespace

Status read_config(CLI::App& command, const std::string& file) {
  if (file.empty()) return {};
  const auto wrong = [&](const std::string& what) {
    return Status(Code::invalid_argument, fmt::format("--config {}: {}", file, what)).at_field("--config");
  };
  const Result<std::string> text = engine::read_file(file);
  if (!text.ok())
    return Status(Code::invalid_argument, text.status().message()).under("--config").at_field("--config");
  std::map<CLI::Option*, std::vector<std::string>> given;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const std::string_view whole = trimmed(line);
    if (whole.empty() || whole.starts_with('#')) continue;
    const auto equals = whole.find('=');
    const std::string name(trimmed(whole.substr(0, equals)));
    CLI::Option* option = command.get_option_no_throw("--" + name);
    if (option == nullptr || name == "config" || name == "help")
      return wrong(fmt::format("'{}' is no flag of {}", name, command.get_name()));
    const auto values = equals == std::string_view::npos ? std::vector<std::string>{"true"}
                                                         : values_in(trimmed(whole.substr(equals + 1)));
    auto& all = given[option];
    all.insert(all.end(), values.begin(), values.end());
    if (all.size() > 1 && option->get_expected_max() <= 1)
      return wrong(fmt::format("'{}' stands twice", name));
  }
  for (const auto& [option, values] : given) {
    if (option->count() > 0) continue;
    try {
      option->add_result(values);
      option->run_callback();
    } catch (const CLI::Error& error) {  // CLI11's only way to say it
      return wrong(error.what());
    }
  }
  return {};
}

}  // namespace millrace::server
