// Boxes of the ISO base media file format (ISO/IEC 14496-12 §4.2): written into strings, read out of byte
// ranges that may hold anything. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

// Big-endian, appended to `bytes`.
void put_u16(std::string& bytes, std::uint16_t value);
void put_u32(std::string& bytes, std::uint32_t value);
void put_u64(std::string& bytes, std::uint64_t value);

// One box around its payload; `type` has four characters. full_box() puts a version and flags in front.
std::string box(std::string_view type, std::string_view payload);
std::string full_box(std::string_view type, std::uint8_t version, std::uint32_t flags,
                     std::string_view payload);

// A box inside a range of bytes that outlives it.
struct BoxView {
  std::string_view type;
  std::string_view payload;
  std::string_view whole;  // with its header
};

// The boxes that fill `bytes` exactly. internal when one runs past the end.
Result<std::vector<BoxView>> boxes_in(std::string_view bytes);

// The one box of this type; internal when there is none or more than one.
Result<BoxView> the_box(const std::vector<BoxView>& boxes, std::string_view type);

// the_box() of the boxes inside the payload of `parent`.
Result<BoxView> child_box(const BoxView& parent, std::string_view type);

// Takes big-endian numbers from the front of some bytes. Past the end every read gives 0 and ok() turns false
// for good.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(take(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(take(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(take(4)); }
  std::uint64_t u64() { return take(8); }
  void skip(std::size_t count);

  bool ok() const { return ok_; }
  std::string_view rest() const { return rest_; }

 private:
  std::uint64_t take(std::size_t count);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace millrace::engine
