#include "engine/backend/software/encoder_dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "engine/backend/software/annexb.h"
#include "engine/backend/software/encoder_speed.h"
#include "engine/package/obu.h"
#include "engine/pipeline/hdr_metadata.h"

namespace millrace::engine {
namespace {

constexpr int kNoFurtherKeys = 1 << 29;  // frames; the stage itself says where keys are

int no_reordering(const AVCodecContext&) { return 0; }

void add_quality(const VideoEncoderSettings& settings, EncoderOptions& options) {
  if (settings.quality) options.emplace_back("crf", fmt::format("{}", *settings.quality));
}

// Codecs whose quality is a whole number.
std::string whole(double quality) { return fmt::format("{}", std::lround(quality)); }

int frames_of_a_gop(const VideoEncoderSettings& settings, const AVCodecContext& codec) {
  const std::int64_t ticks = settings.gop_ticks > 0 ? settings.gop_ticks : settings.clock.segment_ticks();
  const double frames = static_cast<double>(ticks) / kTicksPerSecond * av_q2d(codec.framerate);
  return std::max(1, static_cast<int>(std::min(frames + 0.5, 1e6)));
}

Result<EncoderSpeed> speed_of(const VideoEncoderSettings& settings) {
  const EncoderSpeed* speed = encoder_speed(settings.preset);
  if (speed == nullptr)
    return Status(Code::invalid_argument,
                  fmt::format("preset {} is not known; use ultrafast to placebo", settings.preset));
  return *speed;
}

// ---- x264 ----

// What these presets spend much on for little, README.md has the measurement: to search macroblocks in
// quarters, in B-frames (b8x8) of large pictures and P-frames (p8x8) of the largest, where less moves within
// one; and, at medium, to search a third frame. Bits that variance moves to flat places by itself (aq-mode 2)
// win more than that loses.
std::string leaner_x264(std::string_view preset, const AVCodecContext& codec) {
  constexpr std::array<std::string_view, 4> kPresets{"veryfast", "faster", "fast", "medium"};
  constexpr int kLarge = 1024 * 700;
  constexpr int kLargest = 1600 * 1000;
  if (std::find(kPresets.begin(), kPresets.end(), preset) == kPresets.end()) return {};
  const int samples = codec.width * codec.height;
  std::string text = ":aq-mode=2";
  if (preset == "medium") text += ":ref=2";
  if (preset == "veryfast") text += ":me=dia:rc-lookahead=12";
  if (samples >= kLarge)
    text +=
        preset == "veryfast" && samples >= kLargest ? ":partitions=i4x4,i8x8" : ":partitions=i4x4,i8x8,p8x8";
  return text;
}

Status configure_x264(const VideoEncoderSettings& settings, AVCodecContext& codec, EncoderOptions& options) {
  if (settings.ten_bit)
    return Status(Code::unsupported, "10-bit pictures in H.264 play nearly nowhere; use hevc, av1 or vp9");
  set_average_and_peak(settings, codec);
  add_quality(settings, options);
  codec.gop_size = kNoFurtherKeys;
  codec.thread_count = std::max(settings.threads, 1);
  options.emplace_back("preset", settings.preset);
  options.emplace_back("forced-idr", "1");
  options.emplace_back("x264-params", fmt::format("scenecut=0:open-gop=0:keyint=infinite:annexb=1{}",
                                                  leaner_x264(settings.preset, codec)));
  return {};
}

// ---- x265 ----

// x265 gives whole frames to as many threads, the lines of each to all.
int frames_at_once(int threads) { return threads >= 16 ? 4 : threads >= 8 ? 3 : threads >= 4 ? 2 : 1; }

Status configure_x265(const VideoEncoderSettings& settings, AVCodecContext& codec, EncoderOptions& options) {
  set_average_and_peak(settings, codec);
  add_quality(settings, options);
  codec.flags |= AV_CODEC_FLAG_CLOSED_GOP;
  const int threads = std::max(settings.threads, 1);
  options.emplace_back("preset", settings.preset);
  options.emplace_back("forced-idr", "1");
  // Without `info` it writes no SEI with its version and options, so that headers hold nothing of this
  // machine.
  std::string text = fmt::format(
      "log-level=none:info=0:keyint=-1:scenecut=0:open-gop=0:b-pyramid=1:repeat-headers=0:annexb=1:pools={}:"
      "frame-threads={}",
      threads, frames_at_once(threads));
  if (!settings.hdr.mastering_display.empty()) text += ":master-display=" + settings.hdr.mastering_display;
  if (!settings.hdr.content_light.empty()) text += ":max-cll=" + settings.hdr.content_light;
  if (codec.color_trc == AVCOL_TRC_SMPTE2084) text += ":hdr10-opt=1";
  options.emplace_back("x265-params", std::move(text));
  return {};
}

// Every preset of x265 has B-frames, and one level of a pyramid among them; libavcodec does not pass it on.
constexpr int kReorderingOfX265 = 2;
int reordering_of_x265(const AVCodecContext&) { return kReorderingOfX265; }

// ---- SVT-AV1 ----

Status configure_svt_av1(const VideoEncoderSettings& settings, AVCodecContext& codec,
                         EncoderOptions& options) {
  const Result<EncoderSpeed> speed = speed_of(settings);
  if (!speed.ok()) return speed.status();
  options.emplace_back("preset", fmt::format("{}", speed->svt_av1));
  // It knows a peak with constant quality alone.
  if (settings.quality) {
    options.emplace_back("crf", whole(*settings.quality));
    codec.rc_max_rate = settings.max_bits_per_second;
  } else {
    codec.bit_rate = settings.bits_per_second;
  }
  // It plans its bits for a GOP of this length. Told the true one it spends some percent too little, told
  // none half too much; twice the length meets the average, and leaves room where the frame rate varies.
  codec.gop_size = 2 * frames_of_a_gop(settings, codec) + 1;
  codec.flags |= AV_CODEC_FLAG_CLOSED_GOP;
  // The bitstream has names for two places of chroma only.
  if (codec.chroma_sample_location != AVCHROMA_LOC_TOPLEFT &&
      codec.chroma_sample_location != AVCHROMA_LOC_UNSPECIFIED)
    codec.chroma_sample_location = AVCHROMA_LOC_LEFT;
  // Threads up to version 1, a level from 1 to 6 later.
  std::string text = fmt::format("scd=0:lp={}", std::clamp(settings.threads, 1, 6));
  if (!settings.hdr.mastering_display.empty()) {
    const Result<MasteringDisplayPtr> display = mastering_display_of(settings.hdr.mastering_display);
    if (!display.ok()) return display.status();
    const auto place = [](const AVRational(&point)[2]) {
      return fmt::format("({},{})", av_q2d(point[0]), av_q2d(point[1]));
    };
    text += fmt::format(":mastering-display=G{}B{}R{}WP{}L({},{})", place((*display)->display_primaries[1]),
                        place((*display)->display_primaries[2]), place((*display)->display_primaries[0]),
                        place((*display)->white_point), av_q2d((*display)->max_luminance),
                        av_q2d((*display)->min_luminance));
  }
  if (!settings.hdr.content_light.empty()) text += ":content-light=" + settings.hdr.content_light;
  options.emplace_back("svtav1-params", std::move(text));
  return {};
}

// ---- libvpx, VP9 ----

// The least level that allows this size at this rate (VP9 levels, webmproject.org/vp9/levels): luma samples a
// second and in a picture.
int vp9_level(const AVCodecContext& codec) {
  struct Level {
    int name;
    std::int64_t samples_per_second;
    std::int64_t samples;
  };
  constexpr Level kLevels[] = {
      {10, 829'440, 36'864},           {11, 2'764'800, 73'728},         {20, 4'608'000, 122'880},
      {21, 9'216'000, 245'760},        {30, 20'736'000, 552'960},       {31, 36'864'000, 983'040},
      {40, 83'558'400, 2'228'224},     {41, 160'432'128, 2'228'224},    {50, 311'951'360, 8'912'896},
      {51, 588'251'136, 8'912'896},    {52, 1'176'502'272, 8'912'896},  {60, 1'176'502'272, 35'651'584},
      {61, 2'353'004'544, 35'651'584}, {62, 4'706'009'088, 35'651'584},
  };
  const std::int64_t samples = std::int64_t{codec.width} * codec.height;
  const double per_second = static_cast<double>(samples) * av_q2d(codec.framerate);
  for (const Level& level : kLevels)
    if (samples <= level.samples && per_second <= static_cast<double>(level.samples_per_second))
      return level.name;
  return 62;
}

Status configure_vp9(const VideoEncoderSettings& settings, AVCodecContext& codec, EncoderOptions& options) {
  const Result<EncoderSpeed> speed = speed_of(settings);
  if (!speed.ok()) return speed.status();
  codec.profile = settings.ten_bit ? 2 : 0;
  codec.level = vp9_level(codec);
  codec.gop_size = kNoFurtherKeys;
  codec.thread_count = std::max(settings.threads, 1);
  if (settings.quality) {
    options.emplace_back("crf", whole(*settings.quality));
    codec.bit_rate = settings.max_bits_per_second;  // 0: no cap
  } else {
    codec.bit_rate = settings.bits_per_second;
  }
  options.emplace_back("deadline", speed->vpx_realtime ? "realtime" : "good");
  options.emplace_back("cpu-used", fmt::format("{}", speed->vpx_cpu_used));
  options.emplace_back("lag-in-frames", speed->vpx_realtime ? "0" : "25");
  options.emplace_back("auto-alt-ref", speed->vpx_realtime ? "0" : "1");
  options.emplace_back("row-mt", "1");
  // As a power of two; libvpx takes fewer columns of narrow pictures.
  options.emplace_back("tile-columns", settings.threads >= 8 ? "3" : settings.threads >= 4 ? "2" : "1");
  return {};
}

// ---- libtheora ----

Status configure_theora(const VideoEncoderSettings& settings, AVCodecContext& codec, EncoderOptions&) {
  if (settings.quality)
    return Status(Code::unsupported, "Theora has no constant quality here; give a bitrate");
  codec.bit_rate = settings.bits_per_second;
  codec.gop_size = frames_of_a_gop(settings, codec);
  return {};
}

const EncoderDialect kX264 = {
    .encoder = "libx264",
    .configure = configure_x264,
    .stored = length_prefixed,
    .reorder_frames = [](const AVCodecContext& codec) { return codec.has_b_frames; },
};
const EncoderDialect kX265 = {
    .encoder = "libx265",
    .configure = configure_x265,
    .stored = length_prefixed,
    .reorder_frames = reordering_of_x265,
};
const EncoderDialect kSvtAv1 = {
    .encoder = "libsvtav1",
    .configure = configure_svt_av1,
    .stored = without_temporal_delimiters,
    .reorder_frames = no_reordering,
    .one_gop = true,
};
const EncoderDialect kVp9 = {
    .encoder = "libvpx-vp9",
    .configure = configure_vp9,
    .reorder_frames = no_reordering,
    .one_gop = true,
    .counts_frames = true,
};
const EncoderDialect kTheora = {
    .encoder = "libtheora",
    .configure = configure_theora,
    .reorder_frames = no_reordering,
    .counts_frames = true,
};

}  // namespace

void set_average_and_peak(const VideoEncoderSettings& settings, AVCodecContext& codec) {
  std::int64_t peak = settings.max_bits_per_second;
  if (!settings.quality) {
    codec.bit_rate = settings.bits_per_second;
    if (peak == 0) peak = settings.bits_per_second * 3 / 2;
  }
  codec.rc_max_rate = peak;
  codec.rc_buffer_size = static_cast<int>(std::min<std::int64_t>(peak * 4 / 3, INT32_MAX));
}

const EncoderDialect& dialect_of(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::hevc:
      return kX265;
    case VideoCodec::av1:
      return kSvtAv1;
    case VideoCodec::vp9:
      return kVp9;
    case VideoCodec::theora:
      return kTheora;
    case VideoCodec::h264:
      break;
  }
  return kX264;
}

int cpu_reorder_frames(VideoCodec codec, std::string_view preset) {
  // x264's presets have B-frames with one level of a pyramid, but for the fastest.
  if (codec == VideoCodec::h264) return preset == "ultrafast" ? 0 : 2;
  return codec == VideoCodec::hevc ? kReorderingOfX265 : 0;
}

}  // namespace millrace::engine
