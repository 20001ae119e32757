#include "engine/schedule/source_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace millrace::engine {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

namespace {

constexpr std::int64_t kMostHead = 1 << 20;
constexpr int kMostBoxes = 1'000'000;
constexpr std::size_t kNear = 40;                            // packets
constexpr std::string_view kCluster = "\x1f\x43\xb6\x75"sv;  // RFC 9559 §5.1.3
constexpr std::string_view kPack = "\0\0\1\xba"sv;           // ISO 13818-1, table 2-33

std::string bytes_of(std::ifstream& in, std::int64_t from, std::int64_t count) {
  std::string bytes(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)), '\0');
  in.clear();
  in.seekg(from);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return bytes;
}

std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char each : bytes) number = number << 8 | static_cast<unsigned char>(each);
  return number;
}

// The length of a transport stream's packets: 188, or 192 with times before them (M2TS); 0: it is none.
std::int64_t packet_length(std::string_view begin) {
  for (const std::size_t length : {188U, 192U}) {
    const std::size_t sync = length - 188;
    if (begin.size() <= sync + 3 * length) continue;
    bool all = true;
    for (std::size_t packet = 0; packet < 4; ++packet) all &= begin[sync + packet * length] == 0x47;
    if (all) return static_cast<std::int64_t>(length);
  }
  return 0;
}

// random_access_indicator, ISO 13818-1 §2.4.3.4.
bool is_random_access(std::string_view packet) {
  const bool has_field = (packet[3] & 0x20) != 0 && packet[4] != 0;
  return has_field && (packet[5] & 0x40) != 0;
}

// Where the first packet with random access is taken up: at the program association (PID 0) shortly before
// it, which a reader wants first. Without one, the window's begin.
std::int64_t first_packet(std::string_view window, std::int64_t length) {
  const auto step = static_cast<std::size_t>(length);
  std::size_t association = 0;
  for (std::size_t at = 0; at + step <= window.size(); at += step) {
    const std::string_view packet = window.substr(at + step - 188, 188);
    if ((number_of(packet.substr(1, 2)) & 0x1fff) == 0) association = at;
    if (is_random_access(packet))
      return static_cast<std::int64_t>(at - association <= kNear * step ? association : at);
  }
  return 0;
}

// The first moof and the first one from `from` on, by the boxes of the file (ISO 14496-12 §4.2).
struct Moofs {
  std::optional<std::int64_t> first, wanted;
};
Moofs find_moofs(std::ifstream& in, std::int64_t from, std::int64_t size) {
  Moofs moofs;
  std::int64_t at = 0;
  for (int box = 0; box < kMostBoxes && at + 16 <= size && !moofs.wanted; ++box) {
    const std::string head = bytes_of(in, at, 16);
    if (head.size() < 16) break;
    std::uint64_t length = number_of(std::string_view(head).substr(0, 4));
    if (length == 1) length = number_of(std::string_view(head).substr(8));
    if (std::string_view(head).substr(4, 4) == "moof") {
      if (!moofs.first) moofs.first = at;
      if (at >= from) moofs.wanted = at;
    }
    if (length < 8 || length > static_cast<std::uint64_t>(size - at)) break;
    at += static_cast<std::int64_t>(length);
  }
  return moofs;
}

}  // namespace

std::string SourcePart::text() const {
  if (head == 0 && from == 0) return fmt::format("its first {} bytes", to);
  const std::string window = fmt::format("its bytes {} to {}", from, to);
  return head == 0 ? window : fmt::format("{} behind its first {}", window, head);
}

std::optional<SourcePart> part_from(const fs::path& source, std::int64_t from, std::int64_t most_bytes) {
  std::error_code error;
  const auto size = static_cast<std::int64_t>(fs::file_size(source, error));
  std::ifstream in(source, std::ios::binary);
  if (error || !in || from < 0 || from >= size) return std::nullopt;
  const std::string begin = bytes_of(in, 0, 4096);
  SourcePart part;
  const auto begins_with = [&](std::string_view text) { return begin.starts_with(text); };
  if (const std::int64_t length = packet_length(begin); length > 0) {
    part.from = (from + length - 1) / length * length;
    part.from += first_packet(bytes_of(in, part.from, std::min(most_bytes, size - part.from)), length);
  } else if (std::string_view(begin).substr(0, 8).ends_with("ftyp")) {
    const Moofs moofs = find_moofs(in, from, size);
    if (!moofs.wanted) return std::nullopt;
    part.head = *moofs.first;
    part.from = *moofs.wanted;
  } else if (begins_with("\x1a\x45\xdf\xa3"sv) || begins_with(kPack)) {  // EBML, RFC 8794 §11.2.1
    const bool matroska = !begins_with(kPack);
    const std::string_view mark = matroska ? kCluster : kPack;
    if (matroska) {
      const std::size_t found = bytes_of(in, 0, std::min(kMostHead, size)).find(mark);
      if (found == std::string::npos) return std::nullopt;
      part.head = static_cast<std::int64_t>(found);
    }
    from = std::max(from, part.head);
    const std::size_t found = bytes_of(in, from, std::min(most_bytes, size - from)).find(mark);
    if (found == std::string::npos) return std::nullopt;
    part.from = from + static_cast<std::int64_t>(found);
  } else {
    return std::nullopt;
  }
  part.to = std::min(size, part.from + most_bytes - part.head);
  return part.to > part.from ? std::optional(part) : std::nullopt;
}

Status copy_part(const fs::path& source, const SourcePart& part, const fs::path& to) {
  std::ifstream in(source, std::ios::binary);
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  std::vector<char> buffer(1 << 20);
  bool whole = true;
  const auto copy = [&](std::int64_t begin, std::int64_t end) {
    in.seekg(begin);
    while (begin < end && in && out) {
      in.read(buffer.data(), std::min<std::int64_t>(end - begin, std::ssize(buffer)));
      out.write(buffer.data(), in.gcount());
      begin += in.gcount();
    }
    whole = whole && begin == end;
  };
  copy(0, part.head);
  copy(part.from, part.to);
  out.close();
  if (out && whole) return {};
  return {Code::io_error,
          fmt::format("{}: {} cannot be copied to {}", source.native(), part.text(), to.native())};
}

}  // namespace millrace::engine
