#include "engine/schedule/drawn_image.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "engine/base/file.h"

namespace millrace::engine {
namespace {

void append(std::string& bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

// BITMAPFILEHEADER and BITMAPV4HEADER with a mask for each channel, of which the last is how opaque it is.
std::string headers(int side, std::uint32_t bytes_of_pixels) {
  constexpr std::uint32_t kSize = 14 + 108;
  std::string bytes = "BM";
  for (const std::uint32_t each : {kSize + bytes_of_pixels, 0U, kSize, 108U}) append(bytes, each, 4);
  for (int i = 0; i < 2; ++i) append(bytes, static_cast<std::uint32_t>(side), 4);
  append(bytes, 1, 2);
  append(bytes, 32, 2);
  constexpr std::uint32_t kByMasks = 3, kPixelsAMetre = 2835;
  for (const std::uint32_t each : {kByMasks, bytes_of_pixels, kPixelsAMetre, kPixelsAMetre, 0U, 0U, 0xff0000U,
                                   0xff00U, 0xffU, 0xff000000U})
    append(bytes, each, 4);
  bytes.resize(kSize, '\0');
  return bytes;
}

}  // namespace

Status write_disc(const std::filesystem::path& path, int side) {
  constexpr double kSoftEdge = 6;  // pixels
  std::string bytes = headers(side, static_cast<std::uint32_t>(4 * side * side));
  const double middle = (side - 1) / 2.0;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const double inwards = middle - std::hypot(x - middle, y - middle);
      const double opaque = std::clamp(inwards / kSoftEdge, 0.0, 1.0);
      const auto share = [side](int place) { return static_cast<std::uint32_t>(255 * place / side); };
      append(bytes, share(x), 1);
      append(bytes, share(y), 1);
      append(bytes, share(side - 1 - x), 1);
      append(bytes, static_cast<std::uint32_t>(std::lround(255 * opaque)), 1);
    }
  return write_file(path, bytes);
}

}  // namespace millrace::engine
