#include "engine/pipeline/ts_seam.h"

#include <array>
#include <cstdio>
#include <map>
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

struct Header {
  int pid = 0;
  bool in_error = false;
  bool begins = false;  // a coded picture or sound, or a table
  bool has_payload = false;
  bool announces_break = false;
  int counter = 0;
};
Header header_of(const std::uint8_t* packet) {
  Header header;
  header.pid = (packet[1] & 0x1f) << 8 | packet[2];
  header.in_error = (packet[1] & 0x80) != 0;
  header.begins = (packet[1] & 0x40) != 0;
  header.has_payload = (packet[3] & 0x10) != 0;
  header.announces_break = (packet[3] & 0x20) != 0 && packet[4] > 0 && (packet[5] & 0x80) != 0;
  header.counter = packet[3] & 0x0f;
  return header;
}

// A packet may be sent twice.
bool follows(int counter, int last) { return counter == (last + 1) % 16 || counter == last; }

}  // namespace

bool joined_between(const std::string& path, std::int64_t from, std::int64_t to, int pid) {
  return joined(bytes_between(path, from, to), pid);
}

bool joined(const std::vector<std::uint8_t>& bytes, int pid) {
  const auto layout = layout_of(bytes);
  if (!layout) return false;
  std::optional<int> last;
  for (std::size_t at = layout->first; at + kPacket <= bytes.size(); at += layout->stride) {
    const std::uint8_t* packet = bytes.data() + at;
    if (packet[0] != kSync) return false;
    const Header header = header_of(packet);
    if (header.pid != pid) continue;
    if (header.in_error) return false;
    if (!header.has_payload) continue;
    if (last && !follows(header.counter, *last) && !header.begins) return false;
    last = header.counter;
  }
  return true;
}

bool lost_between(const std::string& path, std::int64_t from, std::int64_t to, int pid) {
  return lost(bytes_between(path, from, to), pid);
}

bool lost(const std::vector<std::uint8_t>& bytes, int pid) {
  const auto layout = layout_of(bytes);
  if (!layout) return false;
  std::map<int, int> last;  // counter, by pid
  bool others_go_on = false;
  bool others_break = false;
  bool broken = false;
  for (std::size_t at = layout->first; at + kPacket <= bytes.size(); at += layout->stride) {
    const std::uint8_t* packet = bytes.data() + at;
    if (packet[0] != kSync) return false;
    const Header header = header_of(packet);
    if (header.pid == pid && header.in_error) return true;
    if (!header.has_payload) continue;
    const auto before = last.find(header.pid);
    const bool known = before != last.end();
    const bool breaks = known && !follows(header.counter, before->second) && !header.announces_break;
    if (header.pid != pid) {
      others_break = others_break || breaks;
      others_go_on = others_go_on || (known && !breaks);
    } else if (breaks && !header.begins) {
      return true;
    } else {
      broken = broken || breaks;
    }
    last[header.pid] = header.counter;
  }
  return broken && others_go_on && !others_break;
}

}  // namespace millrace::engine
