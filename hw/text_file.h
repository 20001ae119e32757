// Small text files of /proc and /sys: read them, take them apart. Pure apart from the reads; safe from any
// thread.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace millrace::hw {

// The whole file. Nothing where it cannot be read, at any point: a file of /proc may vanish while it is read.
std::optional<std::string> read_text(const std::string& path);

// The first line of the file, trimmed. Nothing where it cannot be read.
std::optional<std::string> read_line(const std::string& path);

// Names in the folder without "." and "..", sorted; empty where it cannot be read.
std::vector<std::string> list_names(const std::string& folder);

// Without the white space at both ends.
std::string_view trim(std::string_view text);

// The parts between separators, empty ones included: "a,,b" has three. An empty text has none.
std::vector<std::string_view> split(std::string_view text, char separator);

// The parts between runs of white space, never empty.
std::vector<std::string_view> words(std::string_view text);

// The value of the first line "key<separator>value" (white space around both is no part of them).
// Nothing where no line has that key.
std::optional<std::string_view> field(std::string_view text, std::string_view key, char separator = ':');

// The text with every byte outside printable ASCII as '?': hypervisors name CPUs as they like, JSON is UTF-8.
std::string printable(std::string_view text);

// The whole of the trimmed text as a number. Nothing for anything else: "12 kB", "", out of range.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  const std::string_view digits = trim(text);
  Number value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace millrace::hw
