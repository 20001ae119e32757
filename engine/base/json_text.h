// JSON as text, for the store, the wire and people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace millrace::engine {

// On one line; with `indent` of 0 or more on many. Bytes that are no UTF-8 (file names, tags of a source)
// become U+FFFD instead of an exception.
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

}  // namespace millrace::engine
