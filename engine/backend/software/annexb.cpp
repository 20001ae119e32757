#include "engine/backend/software/annexb.h"

#include <cstdint>
#include <cstring>

namespace millrace::engine {
namespace {

void append_number(std::string& bytes, std::size_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
    bytes += static_cast<char>((value >> shift) & 0xff);
}

// Where "00 00 01" starts at or after `from`; npos when nowhere.
std::size_t start_code(std::string_view bytes, std::size_t from) {
  while (true) {
    if (from + 3 > bytes.size()) return std::string_view::npos;
    const void* one = std::memchr(bytes.data() + from + 2, 1, bytes.size() - from - 2);
    if (one == nullptr) return std::string_view::npos;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(one) - bytes.data());
    if (bytes[at - 1] == 0 && bytes[at - 2] == 0) return at - 2;
    from = at - 1;
  }
}

// Rec. ITU-T H.264, table 7-1: SPS, PPS, delimiter.
bool is_h264_header(std::string_view unit) {
  const int type = unit.front() & 0x1f;
  return type >= 7 && type <= 9;
}

// Rec. ITU-T H.265, table 7-1: VPS, SPS, PPS, delimiter.
bool is_hevc_header(std::string_view unit) {
  const int type = unit.front() >> 1 & 0x3f;
  return type >= 32 && type <= 35;
}

bool is_no_header(std::string_view) { return false; }

std::string length_prefixed_but(std::string_view annexb, bool (*left_out)(std::string_view unit)) {
  std::string bytes;
  bytes.reserve(annexb.size() + 16);
  for (const std::string_view unit : nal_units_of(annexb)) {
    if (left_out(unit)) continue;
    append_number(bytes, unit.size(), 4);
    bytes += unit;
  }
  return bytes;
}

}  // namespace

std::vector<std::string_view> nal_units_of(std::string_view annexb) {
  std::vector<std::string_view> units;
  std::size_t at = start_code(annexb, 0);
  while (at != std::string_view::npos) {
    const std::size_t begin = at + 3;
    at = start_code(annexb, begin);
    std::string_view unit = annexb.substr(begin, at == std::string_view::npos ? at : at - begin);
    while (!unit.empty() && unit.back() == '\0') unit.remove_suffix(1);
    if (!unit.empty()) units.push_back(unit);
  }
  return units;
}

std::string length_prefixed(std::string_view annexb) { return length_prefixed_but(annexb, is_no_header); }
std::string h264_without_headers(std::string_view annexb) {
  return length_prefixed_but(annexb, is_h264_header);
}
std::string hevc_without_headers(std::string_view annexb) {
  return length_prefixed_but(annexb, is_hevc_header);
}

}  // namespace millrace::engine
