#include "engine/pipeline/subtitle_bitmaps.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

constexpr std::array kBitmapCodecs = {AV_CODEC_ID_HDMV_PGS_SUBTITLE, AV_CODEC_ID_DVB_SUBTITLE,
                                      AV_CODEC_ID_DVD_SUBTITLE, AV_CODEC_ID_XSUB};
// A length beyond this is a way to say that there is none.
constexpr std::int64_t kLongestLength = 3600 * kTicksPerSecond;

// Frees what a decoder put into it.
struct Decoded {
  Decoded() = default;
  Decoded(const Decoded&) = delete;
  Decoded& operator=(const Decoded&) = delete;
  ~Decoded() { avsubtitle_free(&subtitle); }
  AVSubtitle subtitle{};
};

ShownBitmaps::Bitmap bitmap_of(const AVSubtitleRect& rect) {
  ShownBitmaps::Bitmap bitmap;
  bitmap.x = rect.x;
  bitmap.y = rect.y;
  bitmap.size = {rect.w, rect.h};
  bitmap.indices.reserve(static_cast<std::size_t>(rect.w) * static_cast<std::size_t>(rect.h));
  for (int row = 0; row < rect.h; ++row) {
    const std::uint8_t* line = rect.data[0] + static_cast<std::ptrdiff_t>(row) * rect.linesize[0];
    bitmap.indices.insert(bitmap.indices.end(), line, line + rect.w);
  }
  // What the palette does not have stays transparent.
  const auto* palette = reinterpret_cast<const std::uint32_t*>(rect.data[1]);
  std::copy_n(palette, std::clamp(rect.nb_colors, 0, 256), bitmap.argb.begin());
  return bitmap;
}

FramePtr rgba_of(const ShownBitmaps::Bitmap& bitmap) {
  FramePtr frame = make_frame();
  frame->format = AV_PIX_FMT_RGBA;
  frame->width = bitmap.size.width;
  frame->height = bitmap.size.height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  const std::uint8_t* index = bitmap.indices.data();
  for (int row = 0; row < bitmap.size.height; ++row) {
    std::uint8_t* out = frame->data[0] + static_cast<std::ptrdiff_t>(row) * frame->linesize[0];
    for (int column = 0; column < bitmap.size.width; ++column, ++index, out += 4) {
      const std::uint32_t argb = bitmap.argb[*index];
      out[0] = static_cast<std::uint8_t>(argb >> 16);
      out[1] = static_cast<std::uint8_t>(argb >> 8);
      out[2] = static_cast<std::uint8_t>(argb);
      out[3] = static_cast<std::uint8_t>(argb >> 24);
    }
  }
  return frame;
}

}  // namespace

std::size_t ShownBitmaps::bytes() const {
  std::size_t bytes = sizeof(ShownBitmaps);
  for (const Bitmap& each : bitmaps) bytes += sizeof(Bitmap) + each.indices.size();
  return bytes;
}

Result<BitmapSubtitles> BitmapSubtitles::open(const AVStream& stream, const std::string& path,
                                              PictureSize canvas) {
  const AVCodecID id = stream.codecpar->codec_id;
  const AVCodec* decoder = avcodec_find_decoder(id);
  if (std::find(kBitmapCodecs.begin(), kBitmapCodecs.end(), id) == kBitmapCodecs.end() || decoder == nullptr)
    return Status(Code::unsupported,
                  fmt::format("{}: subtitles of {} cannot be burnt in here; leave burn out", path,
                              avcodec_get_name(id)));
  BitmapSubtitles subtitles;
  subtitles.codec_.reset(avcodec_alloc_context3(decoder));
  if (!subtitles.codec_) throw std::bad_alloc();
  AVCodecContext& codec = *subtitles.codec_;
  int error = avcodec_parameters_to_context(&codec, stream.codecpar);
  codec.pkt_timebase = stream.time_base;
  codec.max_pixels = kMostSamples;
  if (error >= 0) error = avcodec_open2(&codec, decoder, nullptr);
  if (error < 0) return av_status(error, path + ": cannot open the decoder of its subtitles");
  subtitles.time_base_ = stream.time_base;
  // EN 300 743 §5.1.3: the display of a DVB stream that does not define one.
  subtitles.canvas_ = id == AV_CODEC_ID_DVB_SUBTITLE ? PictureSize{720, 576} : canvas;
  return subtitles;
}

Result<std::optional<ShownBitmaps>> BitmapSubtitles::decode(const AVPacket& packet) {
  if (packet.pts != AV_NOPTS_VALUE) last_pts_ = packet.pts;
  if (packet.size <= 0) return std::optional<ShownBitmaps>();
  const PacketPtr copy(av_packet_clone(&packet));  // decoders of FFmpeg 5 take it as if they changed it
  if (!copy) throw std::bad_alloc();
  Decoded decoded;
  int got = 0;
  const int error = avcodec_decode_subtitle2(codec_.get(), &decoded.subtitle, &got, copy.get());
  if (error == AVERROR(ENOMEM)) return av_status(error, "a subtitle's picture");
  if (error < 0) return Status(Code::corrupt_input, av_error_text(error));
  if (got == 0) return std::optional<ShownBitmaps>();
  return taken_from(decoded.subtitle, packet);
}

Result<std::optional<ShownBitmaps>> BitmapSubtitles::taken_from(const AVSubtitle& subtitle,
                                                                const AVPacket& packet) const {
  ShownBitmaps shown;
  const std::int64_t pts = subtitle.pts != AV_NOPTS_VALUE ? av_rescale_q(subtitle.pts, AV_TIME_BASE_Q, kTicks)
                           : last_pts_ != AV_NOPTS_VALUE  ? av_rescale_q(last_pts_, time_base_, kTicks)
                                                          : AV_NOPTS_VALUE;
  if (pts == AV_NOPTS_VALUE) return std::optional<ShownBitmaps>();
  const auto ticks_of = [](std::uint32_t milliseconds) {
    return std::int64_t{milliseconds} * kTicksPerSecond / 1000;
  };
  shown.start = pts + ticks_of(subtitle.start_display_time);
  std::int64_t length = ticks_of(subtitle.end_display_time) - ticks_of(subtitle.start_display_time);
  if (length <= 0 || length > kLongestLength) length = av_rescale_q(packet.duration, time_base_, kTicks);
  if (length > 0 && length <= kLongestLength) shown.end = shown.start + length;
  shown.canvas =
      codec_->width > 0 && codec_->height > 0 ? PictureSize{codec_->width, codec_->height} : canvas_;
  std::int64_t samples = 0;
  for (unsigned i = 0; i < subtitle.num_rects; ++i) {
    const AVSubtitleRect& rect = *subtitle.rects[i];
    if (rect.type != SUBTITLE_BITMAP || rect.data[0] == nullptr || rect.data[1] == nullptr || rect.w <= 0 ||
        rect.h <= 0)
      continue;
    samples += std::int64_t{rect.w} * rect.h;
    if (samples > kMostSamples)
      return Status(Code::corrupt_input, fmt::format("its pictures hold more than {} samples", kMostSamples));
    shown.bitmaps.push_back(bitmap_of(rect));
  }
  return std::optional(std::move(shown));
}

std::shared_ptr<const SubtitlePicture> picture_of(const ShownBitmaps& shown, PictureSize coded,
                                                  PictureSize picture) {
  auto made = std::make_shared<SubtitlePicture>();
  const CanvasPlace place = canvas_on(shown.canvas, coded, picture);
  for (const ShownBitmaps::Bitmap& each : shown.bitmaps)
    made->parts.push_back({place_of_part(each.x, each.y, each.size, shown.canvas, place), rgba_of(each)});
  return made;
}

}  // namespace millrace::engine
