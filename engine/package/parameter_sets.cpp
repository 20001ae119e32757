#include "engine/package/parameter_sets.h"

#include <cstdint>

#include "engine/package/box.h"

extern "C" {
#include <libavcodec/codec_id.h>
#include <libavcodec/codec_par.h>
}

namespace millrace::engine {
namespace {

// Where avcC (ISO/IEC 14496-15 §5.3.3.1) and hvcC (§8.3.3.1) have the size of lengths, in the low two bits,
// and where their lists begin.
constexpr std::size_t kAvcLength = 4;
constexpr std::size_t kAvcLists = 5;
constexpr std::size_t kHevcLength = 21;
constexpr std::size_t kHevcLists = 22;

constexpr unsigned kH264Sps = 7;
constexpr unsigned kHevcSps = 33;

std::string_view box_of(const AVCodecParameters& parameters) {
  return {reinterpret_cast<const char*>(parameters.extradata),
          static_cast<std::size_t>(parameters.extradata_size)};
}

bool is_hevc(const AVCodecParameters& parameters) { return parameters.codec_id == AV_CODEC_ID_HEVC; }
bool has_sets(const AVCodecParameters& parameters) {
  return is_hevc(parameters) || parameters.codec_id == AV_CODEC_ID_H264;
}

std::size_t length_size(const AVCodecParameters& parameters) {
  const std::size_t at = is_hevc(parameters) ? kHevcLength : kAvcLength;
  const std::string_view box = box_of(parameters);
  return box.size() > at ? (static_cast<unsigned char>(box[at]) & 3U) + 1 : 4;
}

// `count` units, each behind its length in two bytes.
bool take_units(ByteReader& reader, unsigned count, std::vector<std::string_view>& units) {
  for (; count > 0 && reader.ok(); --count) {
    const std::size_t size = reader.u16();
    if (size == 0 || size > reader.rest().size()) return false;
    units.push_back(reader.rest().substr(0, size));
    reader.skip(size);
  }
  return reader.ok();
}

// The NAL units of a sample; false when it is not made of whole ones.
bool split(const AVCodecParameters& parameters, std::string_view sample,
           std::vector<std::string_view>& units) {
  const std::size_t prefix = length_size(parameters);
  while (!sample.empty()) {
    if (sample.size() < prefix) return false;
    std::size_t size = 0;
    for (std::size_t at = 0; at < prefix; ++at) size = size << 8 | static_cast<unsigned char>(sample[at]);
    sample.remove_prefix(prefix);
    if (size == 0 || size > sample.size()) return false;
    units.push_back(sample.substr(0, size));
    sample.remove_prefix(size);
  }
  return true;
}

}  // namespace

Result<std::vector<std::string_view>> parameter_sets(const AVCodecParameters& parameters) {
  std::vector<std::string_view> units;
  if (!has_sets(parameters)) return units;
  const bool hevc = is_hevc(parameters);
  const std::string_view box = box_of(parameters);
  ByteReader reader(box);
  const bool known = reader.u8() == 1;
  reader.skip((hevc ? kHevcLists : kAvcLists) - 1);
  bool whole = known && reader.ok();
  if (hevc) {
    for (unsigned arrays = reader.u8(); arrays > 0 && whole; --arrays) {
      reader.skip(1);  // completeness and type
      const unsigned count = reader.u16();
      whole = take_units(reader, count, units);
    }
  } else {
    whole = whole && take_units(reader, reader.u8() & 31U, units);  // SPS
    whole = whole && take_units(reader, reader.u8(), units);        // PPS
  }
  if (!whole || units.empty())
    return Status(Code::internal,
                  hevc ? "hvcC: without whole parameter sets" : "avcC: without whole parameter sets");
  return units;
}

Result<std::string> stored_parameter_sets(const AVCodecParameters& parameters) {
  const Result<std::vector<std::string_view>> units = parameter_sets(parameters);
  if (!units.ok()) return units.status();
  std::string bytes;
  for (const std::string_view unit : *units) {
    for (std::size_t shift = 8 * length_size(parameters); shift > 0;)
      bytes += static_cast<char>(unit.size() >> (shift -= 8) & 0xff);
    bytes += unit;
  }
  return bytes;
}

bool holds_parameter_sets(const AVCodecParameters& parameters, std::string_view sample) {
  std::vector<std::string_view> units;
  if (!has_sets(parameters) || !split(parameters, sample, units)) return false;
  for (const std::string_view unit : units) {
    const auto first = static_cast<unsigned char>(unit.front());
    if (is_hevc(parameters) ? (first >> 1 & 0x3fU) == kHevcSps : (first & 0x1fU) == kH264Sps) return true;
  }
  return false;
}

std::string annexb_of(const AVCodecParameters& parameters, std::string_view sample) {
  std::vector<std::string_view> units;
  if (!split(parameters, sample, units)) return {};
  std::string bytes;
  bytes.reserve(sample.size() + 4);
  for (const std::string_view unit : units) {
    bytes.append("\0\0\0\1", 4);
    bytes += unit;
  }
  return bytes;
}

std::string open_configuration(const AVCodecParameters& parameters) {
  std::string box(box_of(parameters));
  const Result<std::vector<std::string_view>> units = parameter_sets(parameters);
  if (!is_hevc(parameters) || !units.ok()) return box;
  std::size_t at = kHevcLists + 1;
  for (unsigned arrays = static_cast<unsigned char>(box[kHevcLists]); arrays > 0; --arrays) {
    box[at] = static_cast<char>(box[at] & 0x7f);
    ByteReader reader(std::string_view(box).substr(at + 1));
    at += 3;
    for (unsigned count = reader.u16(); count > 0; --count) {
      const std::size_t size = reader.u16();
      reader.skip(size);
      at += 2 + size;
    }
  }
  return box;
}

}  // namespace millrace::engine
