#include "engine/pipeline/text_encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace millrace::engine {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

// Bytes of the well-formed sequence that begins at `at`; 0: none does. Table 3-7 of the Unicode standard.
std::size_t sequence_at(std::string_view text, std::size_t at) {
  const std::uint8_t first = byte_at(text, at);
  if (first < 0x80) return first == 0 ? 0 : 1;
  std::size_t length = 0;
  std::uint8_t least = 0x80;
  std::uint8_t most = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (first == 0xE0) least = 0xA0;
  if (first == 0xED) most = 0x9F;
  if (first == 0xF0) least = 0x90;
  if (first == 0xF4) most = 0x8F;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    const std::uint8_t next = byte_at(text, at + i);
    if (next < least || next > most) return 0;
    least = 0x80;
    most = 0xBF;
  }
  return length;
}

EncodingFault guess_of(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
      text.find('\0') != std::string_view::npos)
    return {1, "UTF-16", "UTF-16"};
  // 0x80 to 0x9F are control characters in Latin-1, which nobody writes, and quotes and dashes in
  // Windows-1252.
  const bool has_quotes = std::any_of(text.begin(), text.end(), [](char letter) {
    return static_cast<std::uint8_t>(letter) >= 0x80 && static_cast<std::uint8_t>(letter) < 0xA0;
  });
  if (has_quotes) return {1, "Windows-1252 (Latin-1 with quotes)", "WINDOWS-1252"};
  return {1, "Latin-1 (ISO 8859-1)", "ISO-8859-1"};
}

}  // namespace

std::optional<EncodingFault> utf8_fault(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = sequence_at(text, at);
    if (length == 0) {
      EncodingFault fault = guess_of(text);
      fault.line += static_cast<std::size_t>(
          std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
      return fault;
    }
    at += length;
  }
  return std::nullopt;
}

std::string describe(const EncodingFault& fault) {
  return fmt::format("line {} is not UTF-8 but seems to be {}; convert it first: iconv -f {} -t UTF-8",
                     fault.line, fault.guess, fault.iconv_name);
}

}  // namespace millrace::engine
