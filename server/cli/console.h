// Console: where a command writes. Results go to `out`, one sentence about a failure to `err`; with --json
// exactly one document goes to `out`, whatever happens.
#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>

#include "engine/base/status.h"

namespace millrace::server {

struct Console {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  // err is one: a progress bar makes sense
  bool json = false;
};

// The one document of a --json run.
void print(Console& console, const nlohmann::ordered_json& document);

// The sentence, and with --json the document {"error": {"code", "message", "field"}, "exit_code"}. Gives
// `code` back.
int fail(Console& console, const engine::Status& status, int code);

}  // namespace millrace::server
