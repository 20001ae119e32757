// Strict JSON from text, and text that JSON can carry. Pure functions, safe to call from any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::engine {

constexpr std::size_t kDeepestJson = 32;
constexpr std::size_t kMostJsonFields = 1000;  // in one object

// One whole JSON document (RFC 8259). invalid_argument, with the field, for a syntax error, bytes that are
// not UTF-8, a field that stands twice in an object ("outputs[0].name"), and more nesting or fields than the
// limits above.
Result<nlohmann::ordered_json> parse_strict_json(std::string_view text);

bool is_utf8(std::string_view text);

// The text with every byte that is not UTF-8 as U+FFFD: media files carry tags in any encoding.
std::string as_utf8(std::string_view text);

// The text in quotes for a message: control characters as '?', and cut when it is long.
std::string in_quotes(std::string_view text);

// "outputs[0]" + "name" -> "outputs[0].name"; an empty parent is the document. A name from outside comes out
// as in_quotes() shows it.
std::string field_path(std::string_view parent, std::string_view name);
std::string field_path(std::string_view parent, std::size_t index);

// The failure that names its field: "FIELD: sentence", with the field set.
Status refused(Code code, const std::string& field, std::string_view sentence);

}  // namespace millrace::engine
