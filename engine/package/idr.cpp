#include "engine/package/idr.h"

#include "engine/package/obu.h"

extern "C" {
#include <libavcodec/codec_par.h>
}

namespace millrace::engine {
namespace {

// How many bytes a length takes: the low two bits of a fixed byte of avcC (ISO/IEC 14496-15 §5.3.3) and hvcC
// (§8.3.3).
std::size_t length_size(const AVCodecParameters& parameters, int at) {
  if (parameters.extradata_size <= at) return 4;
  return static_cast<std::size_t>(parameters.extradata[at] & 3) + 1;
}

// The first byte of the first frame (VP9 bitstream specification §6.2): frame_marker f(2) is 2, two bits of
// the profile (and one more of profile 3), show_existing_frame f(1), frame_type f(1) is 0, show_frame f(1).
bool is_vp9_key_frame(std::string_view frame) {
  if (frame.empty()) return false;
  const auto first = static_cast<unsigned char>(frame.front());
  const bool is_profile_3 = (first & 0x30) == 0x30;
  return first >> 6 == 2 && ((first >> (is_profile_3 ? 0 : 1)) & 7) == 1;
}

}  // namespace

bool opens_with_idr(const AVCodecParameters& parameters, std::string_view sample, bool key) {
  if (parameters.codec_id == AV_CODEC_ID_AV1) return key && opens_with_key_frame(sample);
  if (parameters.codec_id == AV_CODEC_ID_VP9) return key && is_vp9_key_frame(sample);
  const bool hevc = parameters.codec_id == AV_CODEC_ID_HEVC;
  if (!hevc && parameters.codec_id != AV_CODEC_ID_H264) return key;
  const std::size_t prefix = length_size(parameters, hevc ? 21 : 4);
  while (sample.size() > prefix) {
    std::size_t size = 0;
    for (std::size_t index = 0; index < prefix; ++index)
      size = (size << 8) | static_cast<unsigned char>(sample[index]);
    sample.remove_prefix(prefix);
    if (size == 0 || size > sample.size()) return false;
    const auto first = static_cast<unsigned char>(sample.front());
    // H.264 Table 7-1: 5 is a slice of an IDR picture, 1 one of another; HEVC Table 7-1: 19 and 20 are IDR
    // pictures.
    const unsigned type = hevc ? (first >> 1) & 0x3f : first & 0x1f;
    if (hevc ? type == 19 || type == 20 : type == 5) return true;
    if (hevc ? type < 32 : type == 1) return false;
    sample.remove_prefix(size);
  }
  return false;
}

}  // namespace millrace::engine
