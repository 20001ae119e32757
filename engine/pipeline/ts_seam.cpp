#include "engine/pipeline/ts_seam.h"

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

namespace millrace::engine {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;
constexpr std::size_t kPacket = 188;
constexpr std::uint8_t kSync = 0x47;

std::vector<std::uint8_t> bytes_between(const std::string& path, std::int64_t from, std::int64_t to) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (!file || from < 0 || to <= from || to - from > kMostBytes || ::fseeko(file.get(), from, SEEK_SET) != 0)
    return {};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(to - from));
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
  return bytes;
}

// Plain packets, with a time code before each (Blu-ray), or with a checksum behind.
struct Layout {
  std::size_t first = 0;
  std::size_t stride = kPacket;
};
std::optional<Layout> layout_of(const std::vector<std::uint8_t>& bytes) {
  for (const std::size_t stride : {kPacket, std::size_t{192}, std::size_t{204}})
    for (std::size_t first = 0; first < stride; ++first) {
      std::size_t packets = 0;
      std::size_t at = first;
      for (; at < bytes.size() && packets < 8 && bytes[at] == kSync; at += stride) ++packets;
      if (packets >= 2 && (packets == 8 || at >= bytes.size())) return Layout{first, stride};
    }
  return std::nullopt;
}

}  // namespace

bool joined_between(const std::string& path, std::int64_t from, std::int64_t to, int pid) {
  const std::vector<std::uint8_t> bytes = bytes_between(path, from, to);
  const auto layout = layout_of(bytes);
  if (!layout) return false;
  std::optional<int> last;
  for (std::size_t at = layout->first; at + kPacket <= bytes.size(); at += layout->stride) {
    const std::uint8_t* packet = bytes.data() + at;
    if (packet[0] != kSync) return false;
    if (((packet[1] & 0x1f) << 8 | packet[2]) != pid) continue;
    const bool in_error = (packet[1] & 0x80) != 0;
    const bool begins = (packet[1] & 0x40) != 0;
    const bool has_payload = (packet[3] & 0x10) != 0;
    const int counter = packet[3] & 0x0f;
    if (in_error) return false;
    if (!has_payload) continue;
    // A packet may be sent twice.
    const bool follows = !last || counter == (*last + 1) % 16 || counter == *last;
    if (!follows && !begins) return false;
    last = counter;
  }
  return true;
}

}  // namespace millrace::engine
