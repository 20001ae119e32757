// Rational: an exact ratio of two 64-bit numbers, for frame rates and aspect ratios. Plain data.
#pragma once

#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::engine {

struct Rational {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;

  // 0 stands for "not known".
  bool known() const { return numerator > 0 && denominator > 0; }
  double as_double() const {
    return denominator == 0 ? 0.0 : static_cast<double>(numerator) / static_cast<double>(denominator);
  }
  Rational reduced() const {
    const std::int64_t divisor = std::gcd(numerator, denominator);
    return divisor == 0 ? *this : Rational{numerator / divisor, denominator / divisor};
  }
};

inline bool operator==(const Rational& a, const Rational& b) {
  return a.numerator * b.denominator == b.numerator * a.denominator;
}
inline bool operator<(const Rational& a, const Rational& b) {
  return a.numerator * b.denominator < b.numerator * a.denominator;
}

// "30000/1001", or "25" when the denominator is 1.
std::string to_string(const Rational& value);

// Reads "25", "29.97" (exact as 2997/100) or "30000/1001"; nothing for anything else.
std::optional<Rational> rational_from(std::string_view text);

// value * factor, rounded to the nearest, halves away from zero; 128-bit inside.
std::int64_t scale_rounded(std::int64_t value, const Rational& factor);

}  // namespace millrace::engine
