// Base64 (RFC 4648 §4, padded): bytes as text. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::engine {

std::string base64_of(std::string_view bytes);
// Nothing for what is no base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace millrace::engine
