#include "engine/package/hdr_units.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "engine/package/box.h"
#include "engine/package/obu.h"
#include "engine/pipeline/hdr_metadata.h"

namespace millrace::engine {
namespace {

// Rec. ITU-T H.265, table 7-1 and §D.2.1.
constexpr int kFirstUnitWithoutSlice = 32;
constexpr char kPrefixSei[] = {39 << 1, 1};  // of layer 0, temporal sublayer 0
constexpr std::uint8_t kDisplayMessage = 137;
constexpr std::uint8_t kLightMessage = 144;
// AV1 specification §6.7.1.
constexpr char kMetadataObu = 5 << 3 | 2;  // with its size
constexpr std::uint8_t kLightMetadata = 1;
constexpr std::uint8_t kDisplayMetadata = 2;
constexpr char kTrailingBits = '\x80';

struct Hdr {
  MasteringDisplayPtr display;  // null: not said
  std::optional<ContentLight> light;
  bool says_nothing() const { return !display && !light; }
};

Result<Hdr> read(const HdrMetadata& text) {
  Hdr hdr;
  if (!text.mastering_display.empty()) {
    Result<MasteringDisplayPtr> display = mastering_display_of(text.mastering_display);
    if (!display.ok()) return display.status();
    hdr.display = std::move(*display);
  }
  if (!text.content_light.empty()) {
    const Result<ContentLight> light = content_light_of(text.content_light);
    if (!light.ok()) return light.status();
    hdr.light = *light;
  }
  return hdr;
}

// The nearest number that there is room for.
template <class Number>
Number nearest(double value) {
  return static_cast<Number>(std::clamp(std::round(value), 0.0, double{std::numeric_limits<Number>::max()}));
}

void put_place(std::string& bytes, const AVRational (&place)[2], int of_a_whole) {
  for (const AVRational& axis : place) put_u16(bytes, nearest<std::uint16_t>(av_q2d(axis) * of_a_whole));
}

void put_luminance(std::string& bytes, const AVRational& value, int of_a_whole) {
  put_u32(bytes, nearest<std::uint32_t>(av_q2d(value) * of_a_whole));
}

// H.265 §D.2.35 and AV1 §5.8.3 have the same fields.
std::string light_of(const ContentLight& light) {
  std::string bytes;
  put_u16(bytes, nearest<std::uint16_t>(light.brightest_pixel));
  put_u16(bytes, nearest<std::uint16_t>(light.brightest_average));
  return bytes;
}

// ---- HEVC ----

// §D.3.28: green, blue, red, in 1/50000; luminance in 1/10000 cd/m2.
std::string hevc_display(const AVMasteringDisplayMetadata& display) {
  std::string bytes;
  for (const int colour : {1, 2, 0}) put_place(bytes, display.display_primaries[colour], 50'000);
  put_place(bytes, display.white_point, 50'000);
  put_luminance(bytes, display.max_luminance, 10'000);
  put_luminance(bytes, display.min_luminance, 10'000);
  return bytes;
}

void put_message(std::string& unit, std::uint8_t type, const std::string& payload) {
  unit += static_cast<char>(type);
  unit += static_cast<char>(payload.size());
  unit += payload;
}

// §7.3.1.1: no start code may appear inside a unit.
std::string escaped(std::string_view unit) {
  std::string bytes;
  int zeros = 0;
  for (const char byte : unit) {
    if (zeros >= 2 && static_cast<unsigned char>(byte) <= 3) {
      bytes += '\3';
      zeros = 0;
    }
    bytes += byte;
    zeros = byte == 0 ? zeros + 1 : 0;
  }
  return bytes;
}

std::string hevc_units(const Hdr& hdr) {
  std::string unit(kPrefixSei, sizeof kPrefixSei);
  if (hdr.display) put_message(unit, kDisplayMessage, hevc_display(*hdr.display));
  if (hdr.light) put_message(unit, kLightMessage, light_of(*hdr.light));
  unit += kTrailingBits;
  const std::string whole = escaped(unit);
  std::string bytes;
  put_u32(bytes, static_cast<std::uint32_t>(whole.size()));
  return bytes + whole;
}

// ---- AV1 ----

// §5.8.4 and §6.7.4: red, green, blue, in 1/65536; most luminance in 1/256, least in 1/16384 cd/m2.
std::string av1_display(const AVMasteringDisplayMetadata& display) {
  std::string bytes;
  for (const auto& colour : display.display_primaries) put_place(bytes, colour, 1 << 16);
  put_place(bytes, display.white_point, 1 << 16);
  put_luminance(bytes, display.max_luminance, 1 << 8);
  put_luminance(bytes, display.min_luminance, 1 << 14);
  return bytes;
}

void put_obu(std::string& bytes, std::uint8_t type, const std::string& payload) {
  bytes += kMetadataObu;
  bytes += static_cast<char>(payload.size() + 2);  // leb128 of less than 128
  bytes += static_cast<char>(type);
  bytes += payload;
  bytes += kTrailingBits;
}

std::string av1_units(const Hdr& hdr) {
  std::string bytes;
  if (hdr.light) put_obu(bytes, kLightMetadata, light_of(*hdr.light));
  if (hdr.display) put_obu(bytes, kDisplayMetadata, av1_display(*hdr.display));
  return bytes;
}

}  // namespace

Result<std::string> hevc_with_hdr(std::string_view sample, const HdrMetadata& text) {
  const Result<Hdr> hdr = read(text);
  if (!hdr.ok()) return hdr.status();
  if (hdr->says_nothing()) return std::string(sample);
  ByteReader reader(sample);
  while (true) {
    const std::size_t at = sample.size() - reader.rest().size();
    const std::uint32_t size = reader.u32();
    if (size == 0 || size > reader.rest().size())
      return Status(Code::internal, "a key frame without a slice, where HDR's metadata should go before it");
    const int type = reader.rest().front() >> 1 & 0x3f;
    if (type < kFirstUnitWithoutSlice)
      return std::string(sample.substr(0, at)) + hevc_units(*hdr) + std::string(sample.substr(at));
    reader.skip(size);
  }
}

Result<std::string> av1_with_hdr(std::string_view temporal_unit, const HdrMetadata& text) {
  const Result<Hdr> hdr = read(text);
  if (!hdr.ok()) return hdr.status();
  if (hdr->says_nothing()) return std::string(temporal_unit);
  const Result<std::vector<ObuView>> obus = obus_in(temporal_unit);
  if (!obus.ok()) return obus.status();
  for (const ObuView& obu : *obus) {
    if (!begins_frame(obu)) continue;
    const auto at = static_cast<std::size_t>(obu.whole.data() - temporal_unit.data());
    return std::string(temporal_unit.substr(0, at)) + av1_units(*hdr) + std::string(temporal_unit.substr(at));
  }
  return Status(Code::internal, "a key frame without a frame, where HDR's metadata should go before it");
}

}  // namespace millrace::engine
