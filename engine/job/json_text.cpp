#include "engine/job/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

// Walks over the text before a document is made of it; stops at the first thing that a strict reader refuses.
class StrictWalk : public nlohmann::json_sax<ordered_json> {
 public:
  const Status& status() const { return status_; }

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool start_object(std::size_t) override { return open(false); }
  bool start_array(std::size_t) override { return open(true); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    level.key = name;
    if (!level.keys.insert(name).second) return refuse("the field stands twice; give it once");
    if (level.keys.size() > kMostJsonFields) {
      levels_.pop_back();
      return refuse(fmt::format("more than {} fields", kMostJsonFields));
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token, const ordered_json::exception&) override {
    status_ = Status(Code::invalid_argument,
                     fmt::format("not valid JSON at byte {}, near {}", position, in_quotes(token)));
    return false;
  }

 private:
  struct Level {
    bool array = false;
    std::size_t values = 0;
    std::string key;
    std::set<std::string> keys;
  };

  bool value() {
    if (!levels_.empty()) ++levels_.back().values;
    return true;
  }
  bool open(bool array) {
    if (levels_.size() == kDeepestJson) {
      levels_.resize(2);  // enough to find the place
      return refuse(fmt::format("nested more than {} levels deep", kDeepestJson));
    }
    value();
    levels_.push_back({array, 0, {}, {}});
    return true;
  }
  bool close() {
    levels_.pop_back();
    return true;
  }
  bool refuse(std::string_view sentence) {
    std::string path;
    for (const Level& level : levels_)
      path = level.array ? field_path(path, level.values == 0 ? 0 : level.values - 1)
                         : field_path(path, level.key);
    if (path.size() > 200) path.resize(200);
    path = as_utf8(path);
    status_ = path.empty() ? Status(Code::invalid_argument, std::string(sentence))
                           : refused(Code::invalid_argument, path, sentence);
    return false;
  }

  std::vector<Level> levels_;
  Status status_;
};

// Bytes of the UTF-8 character that `text` opens with; 0 when it does not open with one (Unicode 15, table
// 3-7).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

// UTF-8 without control characters, cut where it is longer than that.
std::string for_a_sentence(std::string_view text, std::size_t longest) {
  std::string shown = as_utf8(text);
  if (shown.size() > longest) {
    std::size_t cut = longest;
    while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0U) == 0x80U) --cut;
    shown = shown.substr(0, cut) + "...";
  }
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return shown;
}

}  // namespace

Result<ordered_json> parse_strict_json(std::string_view text) {
  StrictWalk walk;
  if (!ordered_json::sax_parse(text, &walk)) {
    if (walk.status().ok()) return Status(Code::invalid_argument, "not valid JSON");
    return walk.status();
  }
  ordered_json json = ordered_json::parse(text, nullptr, false);
  if (json.is_discarded()) return Status(Code::invalid_argument, "not valid JSON");
  return json;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string as_utf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    clean += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return clean;
}

std::string in_quotes(std::string_view text) { return "'" + for_a_sentence(text, 60) + "'"; }

std::string field_path(std::string_view parent, std::string_view name) {
  const std::string shown = for_a_sentence(name, 100);
  return parent.empty() ? shown : fmt::format("{}.{}", parent, shown);
}

std::string field_path(std::string_view parent, std::size_t index) {
  return fmt::format("{}[{}]", parent, index);
}

Status refused(Code code, const std::string& field, std::string_view sentence) {
  return Status(code, fmt::format("{}: {}", field, sentence)).at_field(field);
}

}  // namespace millrace::engine
