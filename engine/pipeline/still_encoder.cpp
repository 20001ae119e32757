#include "engine/pipeline/still_encoder.h"

#include <fmt/format.h>

#include <cstring>
#include <new>

extern "C" {
#include <libavutil/opt.h>
}

namespace millrace::engine {
namespace {

constexpr int kJpegQuantiser = 3;  // of 1 (best) to 31
constexpr const char* kWebpQuality = "80";

AVCodecID codec_of(StillFormat format) {
  switch (format) {
    case StillFormat::jpg:
      return AV_CODEC_ID_MJPEG;
    case StillFormat::png:
      return AV_CODEC_ID_PNG;
    case StillFormat::webp:
      return AV_CODEC_ID_WEBP;
  }
  return AV_CODEC_ID_NONE;
}

Result<CodecPtr> open_encoder(const AVFrame& picture, StillFormat format) {
  // By name: FFmpeg's first encoder for WebP writes animations.
  const AVCodec* encoder = format == StillFormat::webp ? avcodec_find_encoder_by_name("libwebp")
                                                       : avcodec_find_encoder(codec_of(format));
  if (encoder == nullptr)
    return Status(
        Code::unsupported,
        fmt::format("this FFmpeg has no encoder for {} pictures; ask for jpg or png", name_of(format)));
  CodecPtr codec(avcodec_alloc_context3(encoder));
  if (!codec) throw std::bad_alloc();
  codec->width = picture.width;
  codec->height = picture.height;
  codec->pix_fmt = static_cast<AVPixelFormat>(picture.format);
  codec->color_range = picture.color_range;
  codec->colorspace = picture.colorspace;
  codec->time_base = {1, 1};
  codec->thread_count = 1;
  AVDictionary* options = nullptr;
  if (format == StillFormat::jpg) {
    codec->flags |=
        AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;  // without a comment that names the encoder
    codec->sample_aspect_ratio = {1, 1};                // without one there is no JFIF header
    codec->global_quality = kJpegQuantiser * FF_QP2LAMBDA;
  }
  if (format == StillFormat::png) av_dict_set(&options, "pred", "mixed", 0);
  if (format == StillFormat::webp) av_dict_set(&options, "quality", kWebpQuality, 0);
  const int error = avcodec_open2(codec.get(), encoder, &options);
  av_dict_free(&options);
  if (error < 0) return av_status(error, fmt::format("cannot open the {} encoder", name_of(format)));
  return codec;
}

}  // namespace

Result<std::string> encode_still(const AVFrame& picture, StillFormat format) {
  auto codec = open_encoder(picture, format);
  if (!codec.ok()) return codec.status();
  const FramePtr frame = share(picture);
  frame->pts = 0;
  frame->pict_type = AV_PICTURE_TYPE_NONE;
  frame->quality = (*codec)->global_quality;
  const PacketPtr packet = make_packet();
  int error = avcodec_send_frame(codec->get(), frame.get());
  if (error >= 0) error = avcodec_send_frame(codec->get(), nullptr);
  if (error >= 0) error = avcodec_receive_packet(codec->get(), packet.get());
  if (error < 0) return av_status(error, fmt::format("cannot encode a {} picture", name_of(format)));
  std::string bytes(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size));
  if (Status status = check_still(bytes, format, picture.width, picture.height); !status.ok()) return status;
  return bytes;
}

Status check_still(std::string_view bytes, StillFormat format, int width, int height) {
  const AVCodec* decoder = avcodec_find_decoder(codec_of(format));
  if (decoder == nullptr)
    return Status(Code::unsupported, fmt::format("this FFmpeg has no decoder for {}", name_of(format)));
  const CodecPtr codec(avcodec_alloc_context3(decoder));
  const PacketPtr packet = make_packet();
  if (!codec || av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0) throw std::bad_alloc();
  std::memcpy(packet->data, bytes.data(), bytes.size());
  codec->thread_count = 1;
  codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
  const FramePtr frame = make_frame();
  int error = avcodec_open2(codec.get(), decoder, nullptr);
  if (error >= 0) error = avcodec_send_packet(codec.get(), packet.get());
  if (error >= 0) error = avcodec_send_packet(codec.get(), nullptr);
  if (error >= 0) error = avcodec_receive_frame(codec.get(), frame.get());
  if (error < 0)
    return Status(Code::internal,
                  fmt::format("the {} picture does not decode: {}", name_of(format), av_error_text(error)));
  if ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0)
    return Status(Code::internal, fmt::format("the {} picture decodes only in part", name_of(format)));
  if (frame->width != width || frame->height != height)
    return Status(Code::internal, fmt::format("the {} picture is {}x{}, not {}x{}", name_of(format),
                                              frame->width, frame->height, width, height));
  return {};
}

}  // namespace millrace::engine
