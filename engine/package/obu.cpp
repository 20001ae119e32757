#include "engine/package/obu.h"

#include <algorithm>
#include <cstdint>

namespace millrace::engine {
namespace {

// AV1 specification §6.2.2.
constexpr int kSequenceHeader = 1;
constexpr int kTemporalDelimiter = 2;
constexpr int kFrameHeader = 3;
constexpr int kFrame = 6;

// leb128() of §4.10.5, off the front of `bytes`; false when it does not end.
bool take_size(std::string_view& bytes, std::uint64_t& value) {
  value = 0;
  for (int at = 0; at < 8; ++at) {
    if (bytes.empty()) return false;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << (7 * at);
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<ObuView>> obus_in(std::string_view bytes) {
  std::vector<ObuView> found;
  while (!bytes.empty()) {
    const auto header = static_cast<unsigned char>(bytes.front());
    const bool has_extension = (header & 4) != 0;
    const bool has_size = (header & 2) != 0;
    const std::size_t header_size = has_extension ? 2 : 1;
    if ((header & 0x80) != 0 || !has_size || bytes.size() < header_size)
      return Status(Code::internal, "bytes where an OBU with its size should begin");
    std::string_view rest = bytes.substr(header_size);
    std::uint64_t size = 0;
    if (!take_size(rest, size) || size > rest.size())
      return Status(Code::internal, "an OBU runs past the end");
    const std::size_t whole = bytes.size() - rest.size() + static_cast<std::size_t>(size);
    found.push_back(
        {(header >> 3) & 15, rest.substr(0, static_cast<std::size_t>(size)), bytes.substr(0, whole)});
    bytes.remove_prefix(whole);
  }
  return found;
}

bool begins_frame(const ObuView& obu) { return obu.type == kFrame || obu.type == kFrameHeader; }

std::string without_temporal_delimiters(std::string_view temporal_unit) {
  const Result<std::vector<ObuView>> obus = obus_in(temporal_unit);
  if (!obus.ok()) return std::string(temporal_unit);
  std::string kept;
  kept.reserve(temporal_unit.size());
  for (const ObuView& obu : *obus)
    if (obu.type != kTemporalDelimiter) kept += obu.whole;
  return kept;
}

bool opens_with_key_frame(std::string_view temporal_unit) {
  const Result<std::vector<ObuView>> obus = obus_in(temporal_unit);
  if (!obus.ok()) return false;
  const auto sequence = std::find_if(obus->begin(), obus->end(),
                                     [](const ObuView& obu) { return obu.type == kSequenceHeader; });
  const auto frame = std::find_if(obus->begin(), obus->end(), begins_frame);
  if (frame == obus->end() || sequence >= frame || sequence->payload.empty() || frame->payload.empty())
    return false;
  // seq_profile f(3), still_picture f(1), reduced_still_picture_header f(1): its frames are key frames.
  if ((static_cast<unsigned char>(sequence->payload.front()) & 0x08) != 0) return true;
  // show_existing_frame f(1) is 0, frame_type f(2) is KEY_FRAME (0), show_frame f(1) is 1 (§5.9.2).
  return static_cast<unsigned char>(frame->payload.front()) >> 4 == 1;
}

}  // namespace millrace::engine
