#include "engine/plan/text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace millrace::engine {
namespace {

// At most `decimals`, without zeros at the end: "2.8", "25".
std::string number(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string bit_rate_text(std::int64_t bits_per_second) {
  const auto bits = static_cast<double>(bits_per_second);
  return bits < 1e6 ? number(bits / 1e3, 1) + " kb/s" : number(bits / 1e6, 2) + " Mb/s";
}

std::string size_text(std::int64_t bytes) {
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return number(value, 1) + " " + kUnits[unit];
}

std::string rate_text(const Rational& frames_per_second) { return number(frames_per_second.as_double(), 3); }

std::string seconds_text(double seconds) { return number(seconds, 3) + " s"; }

std::string channels_text(int channels) {
  if (channels == 1) return "mono";
  if (channels == 2) return "stereo";
  return channels == 6 ? "5.1" : fmt::format("{} channels", channels);
}

std::string count_text(std::int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace millrace::engine
