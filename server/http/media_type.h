// Media types. Pure.
#pragma once

#include <string_view>

namespace millrace::server {

// By the file's extension: "video/mp4" of "web.mp4"; application/octet-stream for what is not known.
std::string_view media_type_of(std::string_view file_name);

// Whether a Content-Type names JSON: "application/json", "Application/JSON; charset=utf-8",
// "application/x+json".
bool is_json(std::string_view content_type);

}  // namespace millrace::server
