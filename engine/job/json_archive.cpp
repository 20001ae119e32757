#include "engine/job/json_archive.h"

#include <charconv>

namespace millrace::engine {

void JsonReader::read(const nlohmann::ordered_json& json, const std::string& path, Rational& value) {
  constexpr std::string_view kWanted = "a ratio such as \"30000/1001\"";
  if (!json.is_string()) return fail(path, kWanted);
  const auto& text = json.get_ref<const std::string&>();
  Rational read;
  const char* end = text.data() + text.size();
  const auto [slash, error] = std::from_chars(text.data(), end, read.numerator);
  if (error != std::errc{} || slash == end || *slash != '/') return fail(path, kWanted);
  const auto [stop, second_error] = std::from_chars(slash + 1, end, read.denominator);
  if (second_error != std::errc{} || stop != end) return fail(path, kWanted);
  value = read;
}

}  // namespace millrace::engine
