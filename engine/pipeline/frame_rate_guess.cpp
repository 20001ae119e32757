#include "engine/pipeline/frame_rate_guess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace millrace::engine {
namespace {

constexpr std::array<Rational, 20> kUsual{{{24000, 1001}, {24, 1},  {25, 1},  {30000, 1001}, {30, 1},
                                           {48, 1},       {50, 1},  {60, 1},  {60000, 1001}, {12, 1},
                                           {15, 1},       {10, 1},  {20, 1},  {5, 1},        {1, 1},
                                           {100, 1},      {120, 1}, {240, 1}, {15000, 1001}, {120000, 1001}}};

struct Sequence {
  const std::vector<std::int64_t>& pts;  // sorted
  double unit;                           // seconds of one

  double span() const { return static_cast<double>(pts.back() - pts.front()) * unit; }
  double steps() const { return static_cast<double>(pts.size() - 1); }

  // Every timestamp within `units` of the exact place that `rate` gives it, whatever the first one was
  // rounded by.
  bool fits(double rate, double units) const {
    double least = 0;
    double most = 0;
    for (std::size_t i = 0; i < pts.size(); ++i) {
      const double exact = static_cast<double>(i) / rate;
      const double off = static_cast<double>(pts[i] - pts.front()) * unit - exact;
      least = std::min(least, off);
      most = std::max(most, off);
    }
    return most - least <= units * unit + 1e-9;
  }
};

Rational closest(double rate) { return Rational{std::llround(rate * 1000), 1000}.reduced(); }

}  // namespace

FrameRateGuess guess_frame_rate(std::vector<std::int64_t> pts, const Rational& time_base,
                                const Rational& declared) {
  std::sort(pts.begin(), pts.end());
  if (pts.size() < 2 || pts.back() == pts.front()) return {declared, false};
  const Sequence sequence{pts, time_base.as_double()};
  const double measured = sequence.steps() / sequence.span();
  // Rounding moves each timestamp by half a unit, or a whole one where units are cut off.
  constexpr double kRounding = 1.01;
  std::vector<Rational> candidates;
  if (declared.known()) candidates.push_back(declared);
  candidates.insert(candidates.end(), kUsual.begin(), kUsual.end());
  const auto misses = [&](const Rational& rate) { return std::abs(rate.as_double() / measured - 1); };
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const Rational& a, const Rational& b) { return misses(a) < misses(b); });
  if (declared.known() && sequence.fits(declared.as_double(), kRounding)) return {declared.reduced(), false};
  for (const Rational& rate : candidates)
    if (sequence.fits(rate.as_double(), kRounding)) return {rate.reduced(), false};
  if (sequence.fits(measured, kRounding)) return {closest(measured), false};
  const bool declared_agrees = declared.known() && misses(declared) < 0.5;
  return {declared_agrees ? declared.reduced() : closest(measured), true};
}

}  // namespace millrace::engine
