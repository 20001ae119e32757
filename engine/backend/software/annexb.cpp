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

}  // namespace millrace::engine
