// Checks that several parts of a spec share. Each gives ok or the refusal with its field and what is allowed.
// Pure; for the sources of this folder.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/json_text.h"

namespace millrace::engine {

constexpr double kLongestMediaSeconds = 10'000'000;  // 115 days: more than a source can hold

Status bad(const std::string& field, std::string_view sentence);  // invalid_argument

Status check_range(const std::string& field, std::int64_t value, std::int64_t least, std::int64_t most);
Status check_number(const std::string& field, double value, double least, double most);

// A file: URL or a path. Other kinds that the contract knows are unsupported.
Status check_url(const std::string& field, const std::string& url);

// Seconds on one clock: `to` is 0 (the end) or after `from`.
Status check_span(const std::string& field, double from, double to);

// ISO 639: two or three small letters.
Status check_language(const std::string& field, const std::string& language);

// One line of text that a player or a list can show: UTF-8, no control characters, at most `longest` bytes.
Status check_plain_text(const std::string& field, const std::string& text, std::size_t longest);

// Letters, digits and `others`, 1 to 64 of them.
constexpr std::size_t kLongestName = 64;
bool is_name(std::string_view text, std::string_view others);

bool has_control_character(std::string_view text);

template <class T>
Status check_no_doubles(const std::string& field, const std::vector<T>& values, std::string_view what) {
  std::set<T> seen;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!seen.insert(values[i]).second)
      return bad(field_path(field, i), std::string(what) + " stands twice; give each once");
  return {};
}

}  // namespace millrace::engine
