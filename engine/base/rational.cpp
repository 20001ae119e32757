#include "engine/base/rational.h"

#include <fmt/format.h>

#include <charconv>

namespace millrace::engine {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty() || text.size() > 12) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::string to_string(const Rational& value) {
  const Rational shortest = value.reduced();
  if (shortest.denominator == 1) return fmt::format("{}", shortest.numerator);
  return fmt::format("{}/{}", shortest.numerator, shortest.denominator);
}

std::optional<Rational> rational_from(std::string_view text) {
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto numerator = whole_number(text.substr(0, slash));
    const auto denominator = whole_number(text.substr(slash + 1));
    if (!numerator || !denominator || *denominator == 0) return std::nullopt;
    return Rational{*numerator, *denominator}.reduced();
  }
  const auto point = text.find('.');
  if (point == std::string_view::npos) {
    const auto value = whole_number(text);
    return value ? std::optional(Rational{*value, 1}) : std::nullopt;
  }
  const std::string_view decimals = text.substr(point + 1);
  if (decimals.size() > 6) return std::nullopt;
  const auto whole = whole_number(text.substr(0, point));
  const auto part = whole_number(decimals);
  if (!whole || !part) return std::nullopt;
  std::int64_t scale = 1;
  for (std::size_t i = 0; i < decimals.size(); ++i) scale *= 10;
  return Rational{*whole * scale + *part, scale}.reduced();
}

std::int64_t scale_rounded(std::int64_t value, const Rational& factor) {
  __extension__ using Wide = __int128;
  const Wide product = static_cast<Wide>(value) * factor.numerator;
  const Wide half = factor.denominator / 2;
  const Wide rounded = (product >= 0 ? product + half : product - half) / factor.denominator;
  return static_cast<std::int64_t>(rounded);
}

}  // namespace millrace::engine
