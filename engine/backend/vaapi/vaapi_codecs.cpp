#include "engine/backend/vaapi/vaapi_codecs.h"

#include <fmt/format.h>
#include <va/va.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/backend/software/annexb.h"
#include "engine/backend/software/encoder_speed.h"
#include "engine/job/names.h"
#include "engine/package/hdr_units.h"
#include "engine/package/obu.h"

extern "C" {
#include <libavutil/opt.h>
}

namespace millrace::engine {
namespace {

// Frames; longer than any segment: the stage itself says where keys are. Drivers count in 16 bits at the
// least.
constexpr int kNoFurtherKeys = 65'535;

struct VaCodec {
  VideoCodec codec;
  const char* encoder;
  std::string (*stored)(std::string_view packet);
  Result<std::string> (*with_hdr)(std::string_view sample, const HdrMetadata& hdr);
};
constexpr std::array kCodecs = std::to_array<VaCodec>({
    {VideoCodec::h264, "h264_vaapi", h264_without_headers, nullptr},
    {VideoCodec::hevc, "hevc_vaapi", hevc_without_headers, hevc_with_hdr},
    {VideoCodec::av1, "av1_vaapi", without_temporal_delimiters, av1_with_hdr},
});

const VaCodec* va_codec(VideoCodec codec) {
  const auto* found =
      std::find_if(kCodecs.begin(), kCodecs.end(), [&](const VaCodec& each) { return each.codec == codec; });
  return found == kCodecs.end() ? nullptr : found;
}

bool has_option(const AVCodecContext& codec, const char* name, const char* unit) {
  const AVClass* described = codec.codec->priv_class;
  return described != nullptr && av_opt_find(&described, name, unit, 0, AV_OPT_SEARCH_FAKE_OBJ) != nullptr;
}

// AV1's quality counts from 0 to 63, its quantiser from 0 to 255; the others' rate factors are about
// quantisers.
int quantiser_of(const VideoEncoderSettings& settings) {
  const double scale = settings.codec == VideoCodec::av1 ? 255.0 / 63 : 1;
  return std::max(1, static_cast<int>(std::lround(*settings.quality * scale)));
}

Status set_rate(const VideoEncoderSettings& settings, unsigned rate_modes, AVCodecContext& codec,
                EncoderOptions& options) {
  const Result<std::string> mode = va_rate_mode(settings, rate_modes);
  if (!mode.ok()) return mode.status();
  options.emplace_back("rc_mode", *mode);
  set_average_and_peak(settings, codec);
  if (*mode == "CBR") codec.rc_max_rate = codec.bit_rate;
  if (*mode == "QVBR") codec.bit_rate = codec.rc_max_rate;
  if (settings.quality) codec.global_quality = quantiser_of(settings);
  return {};
}

Status configure(const VideoEncoderSettings& settings, const VaEncoding& encoding, AVCodecContext& codec,
                 EncoderOptions& options) {
  if (settings.ten_bit && settings.codec == VideoCodec::h264)
    return Status(Code::unsupported, "10-bit pictures in H.264 play nearly nowhere; use hevc or av1");
  if (Status status = set_rate(settings, encoding.rate_modes, codec, options); !status.ok()) return status;
  codec.gop_size = kNoFurtherKeys;
  codec.max_b_frames = 0;
  if (encoding.low_power) options.emplace_back("low_power", "1");
  if (const int level = va_quality_level(settings.preset, encoding.quality_levels); level > 0)
    codec.compression_level = level;
  // Its SEI tells library and driver by default; headers and pictures hold nothing of this machine.
  if (settings.codec == VideoCodec::hevc && settings.ten_bit) options.emplace_back("profile", "main10");
  if (settings.codec == VideoCodec::h264)
    options.emplace_back("sei", has_option(codec, "a53_cc", "sei") ? "a53_cc" : "0");
  return {};
}

int no_reordering(const AVCodecContext&) { return 0; }

}  // namespace

std::vector<VideoCodec> vaapi_encoders_here() {
  std::vector<VideoCodec> codecs;
  for (const VaCodec& each : kCodecs)
    if (avcodec_find_encoder_by_name(each.encoder) != nullptr) codecs.push_back(each.codec);
  return codecs;
}

int va_quality_level(std::string_view preset, int levels) {
  const EncoderSpeed* speed = encoder_speed(preset);
  if (speed == nullptr || levels <= 1) return 0;
  // SVT-AV1's presets are in order of speed: 2 is placebo, 12 ultrafast.
  const double fast = std::clamp((speed->svt_av1 - 2) / 10.0, 0.0, 1.0);
  return 1 + static_cast<int>(std::lround(fast * (levels - 1)));
}

Result<std::string> va_rate_mode(const VideoEncoderSettings& settings, unsigned rate_modes) {
  struct Mode {
    unsigned flag;
    const char* name;
  };
  const auto first_of = [&](std::initializer_list<Mode> modes) {
    const auto* found =
        std::find_if(modes.begin(), modes.end(), [&](const Mode& each) { return rate_modes & each.flag; });
    return std::string(found == modes.end() ? "" : found->name);
  };
  std::string mode;
  std::string_view wanted = "bitrate";
  if (!settings.quality) {
    mode = first_of({{VA_RC_VBR, "VBR"}, {VA_RC_CBR, "CBR"}, {VA_RC_AVBR, "AVBR"}});
  } else if (settings.max_bits_per_second > 0) {
    wanted = "quality with a cap";
    mode = first_of({{VA_RC_QVBR, "QVBR"}});
  } else {
    wanted = "constant quality";
    mode = settings.codec == VideoCodec::av1 ? first_of({{VA_RC_CQP, "CQP"}})
                                             : first_of({{VA_RC_ICQ, "ICQ"}, {VA_RC_CQP, "CQP"}});
  }
  if (mode.empty())
    return Status(Code::unsupported, fmt::format("the driver knows no {} for {}", wanted,
                                                 std::string_view(name_of(settings.codec))));
  return mode;
}

EncoderDialect vaapi_dialect(VideoCodec codec, const VaEncoding& encoding, const std::string& name) {
  EncoderDialect dialect;
  const VaCodec* found = va_codec(codec);
  dialect.encoder = found == nullptr ? "none of VAAPI's" : found->encoder;
  dialect.configure = [encoding](const VideoEncoderSettings& settings, AVCodecContext& context,
                                 EncoderOptions& options) {
    return configure(settings, encoding, context, options);
  };
  if (found != nullptr) dialect.stored = found->stored;
  if (found != nullptr) dialect.with_hdr = found->with_hdr;
  dialect.reorder_frames = no_reordering;  // B frames are not asked for
  dialect.device = name;
  return dialect;
}

}  // namespace millrace::engine
