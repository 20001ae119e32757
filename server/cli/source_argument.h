// The SOURCE of a command line as a URL.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::server {

// A URL ("https://...", "file:///...", "upload:ID") as it is; a path as its absolute file: URL.
// invalid_argument for nothing.
engine::Result<std::string> url_of_source(std::string_view argument);

}  // namespace millrace::server
