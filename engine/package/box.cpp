#include "engine/package/box.h"

#include <fmt/format.h>

#include <cassert>
#include <limits>

namespace millrace::engine {
namespace {

void put(std::string& bytes, std::uint64_t value, int count) {
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
}

// A type as it may stand in a message, whatever its bytes are.
std::string printable(std::string_view type) {
  std::string text;
  for (const char byte : type) text += byte >= ' ' && byte <= '~' ? byte : '?';
  return text;
}

}  // namespace

void put_u16(std::string& bytes, std::uint16_t value) { put(bytes, value, 2); }
void put_u32(std::string& bytes, std::uint32_t value) { put(bytes, value, 4); }
void put_u64(std::string& bytes, std::uint64_t value) { put(bytes, value, 8); }

std::string box(std::string_view type, std::string_view payload) {
  assert(type.size() == 4 && payload.size() <= std::numeric_limits<std::uint32_t>::max() - 8);
  std::string bytes;
  bytes.reserve(payload.size() + 8);
  put_u32(bytes, static_cast<std::uint32_t>(payload.size() + 8));
  return bytes.append(type).append(payload);
}

std::string full_box(std::string_view type, std::uint8_t version, std::uint32_t flags,
                     std::string_view payload) {
  std::string bytes;
  put_u32(bytes, (std::uint32_t{version} << 24) | (flags & 0xffffffU));
  return box(type, bytes.append(payload));
}

Result<std::vector<BoxView>> boxes_in(std::string_view bytes) {
  std::vector<BoxView> boxes;
  while (!bytes.empty()) {
    ByteReader reader(bytes);
    std::uint64_t size = reader.u32();
    reader.skip(4);
    std::size_t header = 8;
    if (size == 1) {
      size = reader.u64();
      header = 16;
    }
    if (!reader.ok())
      return Status(Code::internal, fmt::format("{} bytes where a box should begin", bytes.size()));
    const std::string_view type = bytes.substr(4, 4);
    if (size < header || size > bytes.size())
      return Status(Code::internal, fmt::format("box '{}' says it has {} bytes, {} are there",
                                                printable(type), size, bytes.size()));
    const std::string_view whole = bytes.substr(0, static_cast<std::size_t>(size));
    boxes.push_back({type, whole.substr(header), whole});
    bytes.remove_prefix(whole.size());
  }
  return boxes;
}

Result<BoxView> the_box(const std::vector<BoxView>& boxes, std::string_view type) {
  const BoxView* found = nullptr;
  for (const BoxView& each : boxes) {
    if (each.type != type) continue;
    if (found != nullptr) return Status(Code::internal, fmt::format("more than one box '{}'", type));
    found = &each;
  }
  if (found == nullptr) return Status(Code::internal, fmt::format("no box '{}'", type));
  return *found;
}

Result<BoxView> child_box(const BoxView& parent, std::string_view type) {
  Result<std::vector<BoxView>> children = boxes_in(parent.payload);
  if (!children.ok()) return children.status().under(parent.type);
  Result<BoxView> child = the_box(*children, type);
  if (!child.ok()) return child.status().under(parent.type);
  return child;
}

void ByteReader::skip(std::size_t count) {
  if (count > rest_.size()) {
    ok_ = false;
    rest_ = {};
  } else {
    rest_.remove_prefix(count);
  }
}

std::uint64_t ByteReader::take(std::size_t count) {
  if (count > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::uint64_t value = 0;
  for (const char byte : rest_.substr(0, count)) value = (value << 8) | static_cast<unsigned char>(byte);
  rest_.remove_prefix(count);
  return value;
}

}  // namespace millrace::engine
