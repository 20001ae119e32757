#include "engine/job/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace millrace::engine {
namespace {

struct Point {
  int height;
  std::int64_t bits_per_second;
};
// The auto ladder, largest first.
constexpr std::array<Point, 4> kPoints = {
    {{1080, 5'000'000}, {720, 2'800'000}, {480, 1'400'000}, {360, 800'000}}};
constexpr std::int64_t kFewestBits = 64'000;
constexpr double kSmallestPicture = 640.0 * 360.0;

int even_below(int value) { return std::max(2, value - value % 2); }

// Cameras that mean 30 or 60 write averages such as 30.02: one part in a hundred counts as the same.
bool faster_than(const Rational& rate, int frames) {
  return rate.known() && rate.as_double() > frames * 1.01;
}

std::int64_t with_rate(double bits, const Rational& frame_rate, VideoCodec codec) {
  if (faster_than(frame_rate, 30)) bits *= 1.5;
  bits *= bits_beside_h264(codec);
  return std::max<std::int64_t>(kFewestBits, std::llround(bits / 1000) * 1000);
}

// Bits grow with the picture's area to the power of 3/4, the height's to 3/2: larger pictures are smoother.
double weight(int height) { return std::pow(height, 1.5); }

}  // namespace

double bits_beside_h264(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::h264:
      return 1;
    case VideoCodec::hevc:
    case VideoCodec::vp9:
      return 0.75;
    case VideoCodec::av1:
      return 0.65;
    case VideoCodec::theora:
      return 1.6;
  }
  return 1;
}

std::int64_t auto_bits_per_second(int height, const Rational& frame_rate, VideoCodec codec) {
  const Point& top = kPoints.front();
  const Point& bottom = kPoints.back();
  const double h = height;
  double bits = 0;
  if (height >= top.height) {
    bits = static_cast<double>(top.bits_per_second) * weight(height) / weight(top.height);
  } else if (height <= bottom.height) {
    bits = static_cast<double>(bottom.bits_per_second) * h * h / (360.0 * 360.0);
  } else {
    const auto below =
        std::find_if(kPoints.begin(), kPoints.end(), [&](const Point& p) { return p.height <= height; });
    const Point& above = *(below - 1);
    const double share =
        (weight(height) - weight(below->height)) / (weight(above.height) - weight(below->height));
    bits = static_cast<double>(below->bits_per_second) +
           share * static_cast<double>(above.bits_per_second - below->bits_per_second);
  }
  return with_rate(bits, frame_rate, codec);
}

std::vector<Rung> auto_ladder(PictureSize picture, const Rational& frame_rate, VideoCodec codec) {
  const int lines = std::min(picture.width, picture.height);
  Rational limit;
  if (faster_than(frame_rate, 60)) limit = {60, 1};
  std::vector<Rung> ladder;
  for (const Point& point : kPoints) {
    if (point.height <= lines)
      ladder.push_back({point.height, auto_bits_per_second(point.height, frame_rate, codec), limit, {}});
  }
  if (!ladder.empty()) return ladder;
  const int height = even_below(lines);
  const PictureSize size = rung_size(height, picture);
  const double share = static_cast<double>(size.width) * size.height / kSmallestPicture;
  return {{height,
           with_rate(static_cast<double>(kPoints.back().bits_per_second) * share, frame_rate, codec),
           limit,
           {}}};
}

Result<std::vector<Rung>> checked_ladder(std::vector<Rung> asked, PictureSize picture,
                                         const Rational& frame_rate, VideoCodec codec) {
  std::set<int> heights;
  for (Rung& rung : asked) {
    if (rung.height > std::min(picture.width, picture.height)) {
      return Status(Code::invalid_argument, fmt::format("{}: the source is {}x{}; remove it", rung_name(rung),
                                                        picture.width, picture.height));
    }
    if (!heights.insert(rung.height).second)
      return Status(Code::invalid_argument,
                    fmt::format("{} stands twice; give each height once", rung_name(rung)));
    const bool slower =
        rung.max_frame_rate.known() && (!frame_rate.known() || rung.max_frame_rate < frame_rate);
    if (rung.bits_per_second != 0) continue;
    rung.bits_per_second = auto_bits_per_second(rung.height, slower ? rung.max_frame_rate : frame_rate,
                                                rung.codec.value_or(codec));
    if (rung.max_bits_per_second != 0)
      rung.bits_per_second = std::min(rung.bits_per_second, rung.max_bits_per_second);
  }
  std::sort(asked.begin(), asked.end(), [](const Rung& a, const Rung& b) { return a.height > b.height; });
  return asked;
}

PictureSize rung_size(int height, PictureSize picture) {
  const auto other_side = [&](int longer, int shorter) {
    const double side = static_cast<double>(longer) * height / std::max(1, shorter);
    return std::max(2, static_cast<int>(std::lround(side / 2)) * 2);
  };
  if (picture.width >= picture.height) return {other_side(picture.width, picture.height), height};
  return {height, other_side(picture.height, picture.width)};
}

std::string rung_name(const Rung& rung) { return fmt::format("{}p", rung.height); }

}  // namespace millrace::engine
