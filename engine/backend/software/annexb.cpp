#include "engine/backend/software/annexb.h"

#include <cstdint>
#include <cstring>

namespace millrace::engine {
namespace {

constexpr int kSps = 7;
constexpr int kPps = 8;

int type_of(std::string_view nal) { return static_cast<unsigned char>(nal[0]) & 0x1f; }

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

std::string length_prefixed(std::string_view annexb) {
  std::string bytes;
  bytes.reserve(annexb.size() + 16);
  for (const std::string_view unit : nal_units_of(annexb)) {
    append_number(bytes, unit.size(), 4);
    bytes += unit;
  }
  return bytes;
}

Result<std::string> avcc_of(std::string_view headers) {
  std::vector<std::string_view> sps;
  std::vector<std::string_view> pps;
  for (const std::string_view unit : nal_units_of(headers)) {
    if (type_of(unit) == kSps) sps.push_back(unit);
    if (type_of(unit) == kPps) pps.push_back(unit);
  }
  if (sps.empty() || pps.empty() || sps[0].size() < 4)
    return Status(Code::internal, "the H.264 encoder gave no parameter sets");
  std::string bytes = "\x01";
  bytes += sps[0].substr(1, 3);  // profile, compatibility, level
  bytes += '\xff';               // lengths of four bytes
  bytes += static_cast<char>(0xe0 | sps.size());
  for (const std::string_view unit : sps) {
    append_number(bytes, unit.size(), 2);
    bytes += unit;
  }
  bytes += static_cast<char>(pps.size());
  for (const std::string_view unit : pps) {
    append_number(bytes, unit.size(), 2);
    bytes += unit;
  }
  const auto profile = static_cast<unsigned char>(sps[0][1]);
  if (profile == 100 || profile == 110 || profile == 122 || profile == 144)
    bytes += std::string_view("\xfd\xf8\xf8\x00", 4);  // 4:2:0, 8 bits, no SPS extension
  return bytes;
}

}  // namespace millrace::engine
