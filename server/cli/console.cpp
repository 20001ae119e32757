#include "server/cli/console.h"

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "engine/base/json_text.h"
#include "engine/job/json_text.h"

namespace millrace::server {

using nlohmann::ordered_json;

void print(Console& console, const ordered_json& document) {
  console.out << engine::json_text(document, 2) << std::endl;
}

int fail(Console& console, const engine::Status& status, int code) {
  console.err << "millrace: " << status.message() << std::endl;
  if (console.json) {
    ordered_json error = {{"code", engine::name_of(status.code())},
                          {"message", engine::as_utf8(status.message())}};
    if (!status.field().empty()) error["field"] = engine::as_utf8(status.field());
    print(console, {{"error", std::move(error)}, {"exit_code", code}});
  }
  return code;
}

}  // namespace millrace::server
