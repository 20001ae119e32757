#include "server/cli/config_file.h"

#include <fmt/format.h>

#include <sstream>
#include <vector>

#include "engine/base/file.h"

namespace millrace::server {

using engine::Code;
using engine::Result;
using engine::Status;

Status read_config(CLI::App& command, const std::string& file) {
  if (file.empty()) return {};
  const auto wrong = [&](const std::string& what) {
    return Status(Code::invalid_argument, fmt::format("--config {}: {}", file, what)).at_field("--config");
  };
  const Result<std::string> text = engine::read_file(file);
  if (!text.ok())
    return Status(Code::invalid_argument, text.status().message()).under("--config").at_field("--config");
  try {
    std::istringstream lines(*text);
    for (const CLI::ConfigItem& item : CLI::ConfigBase().from_config(lines)) {
      CLI::Option* option = item.parents.empty() ? command.get_option_no_throw("--" + item.name) : nullptr;
      if (option == nullptr || item.name == "config" || item.name == "help")
        return wrong(fmt::format("'{}' is no flag of {}", item.fullname(), command.get_name()));
      if (option->count() > 0) continue;
      option->add_result(item.inputs);
      option->run_callback();
    }
  } catch (const CLI::Error& error) {  // CLI11's only way to say it
    return wrong(error.what());
  }
  return {};
}

}  // namespace millrace::server
