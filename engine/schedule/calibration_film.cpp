#include "engine/schedule/calibration_film.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::engine {
namespace {

constexpr int kGrain = 1;           // levels to either side
constexpr std::size_t kGrains = 5;  // in turn, so that it differs from frame to frame

// Numbers that look random and are the same everywhere (xorshift, Marsaglia 2003).
class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed) {}
  // -most .. most
  int within(int most) {
    return static_cast<int>(next() % (2 * static_cast<std::uint32_t>(most) + 1)) - most;
  }

 private:
  std::uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }
  std::uint32_t state_;
};

struct Plane {
  int width = 0;
  int height = 0;
  std::vector<int> samples = {};

  int& at(int x, int y) {
    return samples[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                   static_cast<std::size_t>(x)];
  }
};

// Bilinear between random values at the corners of a grid.
void add_blots(Plane& plane, int cell, int strength, Random& random) {
  Plane corners{plane.width / cell + 2, plane.height / cell + 2};
  corners.samples.resize(static_cast<std::size_t>(corners.width) * static_cast<std::size_t>(corners.height));
  for (int& each : corners.samples) each = random.within(strength);
  for (int y = 0; y < plane.height; ++y)
    for (int x = 0; x < plane.width; ++x) {
      const int left = x / cell, top = y / cell, right_share = x % cell, lower_share = y % cell;
      const auto along = [&](int line) {
        return corners.at(left, line) * (cell - right_share) + corners.at(left + 1, line) * right_share;
      };
      plane.at(x, y) += (along(top) * (cell - lower_share) + along(top + 1) * lower_share) / (cell * cell);
    }
}

// Four layers of blots, each half as large and two thirds as strong as the one before.
Plane blots(int width, int height) {
  Plane plane{width, height};
  plane.samples.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 128);
  Random random(2'463'534'242);
  int strength = 72;
  for (int cell = 64; cell >= 8; cell /= 2, strength = strength * 2 / 3)
    add_blots(plane, cell, strength, random);
  return plane;
}

// A plane with grain, as bytes: each line twice in a row, so that it can be cut out at any offset.
class Texture {
 public:
  Texture(Plane plane, int grain, std::uint32_t seed) : width_(plane.width), height_(plane.height) {
    Random random(seed);
    std::string line;
    for (int y = 0; y < height_; ++y) {
      line.clear();
      for (int x = 0; x < width_; ++x)
        line += static_cast<char>(std::clamp(plane.at(x, y) + random.within(grain), 16, 235));
      lines_ += line + line;
    }
  }
  // A line of the plane's width.
  std::string_view line(int y, int offset) const {
    return std::string_view(lines_).substr(
        2 * static_cast<std::size_t>(width_) * static_cast<std::size_t>(y % height_) +
            static_cast<std::size_t>(offset % width_),
        static_cast<std::size_t>(width_));
  }

 private:
  const int width_;
  const int height_;
  std::string lines_;
};

// Bands of lines that pass at speeds of their own, three for a picture's height; all of it sinks slowly.
// `subsampled`: 2 for chroma, which moves with the luma. `top`: the texture's line that the first one shows,
// so that Cb and Cr differ.
void append_plane(const Texture& texture, int height, int subsampled, int frame, std::string& bytes,
                  int top = 0) {
  for (int y = 0; y < height; ++y) {
    const int speed = 1 + 3 * y / height;
    bytes += texture.line(top + y + frame / 4 / subsampled, speed * frame / subsampled);
  }
}

}  // namespace

Status write_film(const std::filesystem::path& path, int width, int height, int frames,
                  const std::stop_token& stop) {
  std::vector<Texture> luma;
  const Plane plane = blots(width, height);
  for (std::uint32_t form = 1; form <= kGrains; ++form) luma.emplace_back(plane, kGrain, form * 7919);
  const Texture chroma(blots(width / 2, height / 2), 0, 1);
  std::ofstream file(path, std::ios::binary);
  file << fmt::format("YUV4MPEG2 W{} H{} F25:1 Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED\n", width, height);
  std::string bytes;
  for (int frame = 0; frame < frames; ++frame) {
    if (stop.stop_requested()) return {Code::cancelled, "stopped on request"};
    bytes = "FRAME\n";
    append_plane(luma[static_cast<std::size_t>(frame) % kGrains], height, 1, frame, bytes);
    append_plane(chroma, height / 2, 2, frame, bytes);
    append_plane(chroma, height / 2, 2, frame, bytes, height / 4);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  file.close();
  if (!file) return {Code::io_error, fmt::format("{}: cannot be written; is the disk full?", path.native())};
  return {};
}

}  // namespace millrace::engine
