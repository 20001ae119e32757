#include "engine/backend/nvidia/nvenc.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/backend/software/annexb.h"
#include "engine/package/hdr_units.h"
#include "engine/package/obu.h"

namespace millrace::engine {
namespace {

constexpr int kNoFurtherKeys = 1 << 29;  // frames; the stage itself says where keys are

struct Nvenc {
  VideoCodec codec;
  const char* encoder;
  std::string (*stored)(std::string_view packet);
  Result<std::string> (*with_hdr)(std::string_view sample, const HdrMetadata& hdr);
};
constexpr std::array kEncoders = std::to_array<Nvenc>({
    {VideoCodec::h264, "h264_nvenc", length_prefixed, nullptr},
    {VideoCodec::hevc, "hevc_nvenc", length_prefixed, hevc_with_hdr},
    {VideoCodec::av1, "av1_nvenc", without_temporal_delimiters, av1_with_hdr},
});

const Nvenc* nvenc_of(VideoCodec codec) {
  const auto* found = std::find_if(kEncoders.begin(), kEncoders.end(),
                                   [&](const Nvenc& each) { return each.codec == codec; });
  return found == kEncoders.end() ? nullptr : found;
}

// The presets with two passes in their names are gone since driver 550, p1 to p7 are there since 450 (NVENC
// Programming Guide, "Preset migration guide").
Status configure(const VideoEncoderSettings& settings, AVCodecContext& codec, EncoderOptions& options) {
  if (settings.ten_bit && settings.codec == VideoCodec::h264)
    return Status(Code::unsupported, "10-bit pictures in H.264 play nearly nowhere; use hevc or av1");
  set_average_and_peak(settings, codec);
  codec.gop_size = kNoFurtherKeys;
  codec.max_b_frames = 0;
  options.emplace_back("preset", nvenc_preset(settings.preset));
  options.emplace_back("tune", "hq");
  options.emplace_back("rc", "vbr");
  if (settings.quality) {
    codec.bit_rate = 0;  // libavcodec's own default would be a bitrate
    // 0 leaves it to the encoder.
    options.emplace_back("cq", fmt::format("{}", std::max(*settings.quality, 1.0)));
  }
  options.emplace_back("forced-idr", "1");
  if (settings.codec == VideoCodec::h264) options.emplace_back("profile", "high");
  if (settings.codec == VideoCodec::hevc && settings.ten_bit) options.emplace_back("profile", "main10");
  return {};
}

int no_reordering(const AVCodecContext&) { return 0; }

}  // namespace

std::vector<VideoCodec> nvenc_encoders_here() {
  std::vector<VideoCodec> codecs;
  for (const Nvenc& each : kEncoders)
    if (avcodec_find_encoder_by_name(each.encoder) != nullptr) codecs.push_back(each.codec);
  return codecs;
}

std::string_view nvenc_preset(std::string_view preset) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kPresets = {{{"ultrafast", "p1"},
                                                                                       {"superfast", "p1"},
                                                                                       {"veryfast", "p2"},
                                                                                       {"faster", "p3"},
                                                                                       {"fast", "p4"},
                                                                                       {"medium", "p4"},
                                                                                       {"slow", "p5"},
                                                                                       {"slower", "p6"},
                                                                                       {"veryslow", "p7"},
                                                                                       {"placebo", "p7"}}};
  const auto* found =
      std::find_if(kPresets.begin(), kPresets.end(), [&](const auto& each) { return each.first == preset; });
  return found == kPresets.end() ? "p4" : found->second;
}

EncoderDialect nvenc_dialect(VideoCodec codec, const std::string& name) {
  EncoderDialect dialect;
  const Nvenc* found = nvenc_of(codec);
  dialect.encoder = found == nullptr ? "none of NVENC's" : found->encoder;
  dialect.configure = configure;
  if (found != nullptr) dialect.stored = found->stored;
  if (found != nullptr) dialect.with_hdr = found->with_hdr;
  dialect.reorder_frames = no_reordering;
  dialect.device = name;
  return dialect;
}

}  // namespace millrace::engine
