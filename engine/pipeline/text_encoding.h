// Is it UTF-8, and if not, what may it be? Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::engine {

struct EncodingFault {
  std::size_t line = 1;  // of the first byte that is not UTF-8, from 1
  std::string guess;     // "Latin-1 (ISO 8859-1)", "UTF-16"; as iconv is told: see iconv_name
  std::string iconv_name;
};

// Nothing for well-formed UTF-8 (RFC 3629: no surrogates, nothing above U+10FFFF, no longer forms than
// needed) without zero bytes. A byte order mark is well.
std::optional<EncodingFault> utf8_fault(std::string_view text);

// "line 3 is not UTF-8 but seems to be Latin-1 (ISO 8859-1); convert it first: iconv -f ISO-8859-1 -t UTF-8".
std::string describe(const EncodingFault& fault);

}  // namespace millrace::engine
