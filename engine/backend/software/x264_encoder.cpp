#include "engine/backend/software/x264_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/backend/software/annexb.h"

extern "C" {
#include <libavutil/mem.h>
#include <libavutil/opt.h>
}

namespace millrace::engine {
namespace {

// Puts `bytes` in the place of what the packet holds.
void replace_data(AVPacket& packet, const std::string& bytes) {
  AVBufferRef* buffer = av_buffer_alloc(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE);
  if (buffer == nullptr) throw std::bad_alloc();
  std::memcpy(buffer->data, bytes.data(), bytes.size());
  std::memset(buffer->data + bytes.size(), 0, AV_INPUT_BUFFER_PADDING_SIZE);
  av_buffer_unref(&packet.buf);
  packet.buf = buffer;
  packet.data = buffer->data;
  packet.size = static_cast<int>(bytes.size());
}

std::string_view view(const std::uint8_t* data, int size) {
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

}  // namespace

Status X264Encoder::open(const AVFrame& first) {
  const AVCodec* encoder = avcodec_find_encoder_by_name("libx264");
  if (encoder == nullptr)
    return Status(Code::unsupported, "this FFmpeg has no libx264 encoder; install an FFmpeg that has it");
  codec_.reset(avcodec_alloc_context3(encoder));
  AVCodecContext& codec = *codec_;
  codec.width = first.width;
  codec.height = first.height;
  codec.pix_fmt = AV_PIX_FMT_YUV420P;
  codec.time_base = kTicks;
  codec.framerate = settings_.frame_rate.known() ? to_av(settings_.frame_rate) : AVRational{25, 1};
  codec.sample_aspect_ratio = {1, 1};
  codec.bit_rate = settings_.bits_per_second;
  codec.rc_max_rate = settings_.bits_per_second * 3 / 2;
  codec.rc_buffer_size = static_cast<int>(std::min<std::int64_t>(settings_.bits_per_second * 2, INT32_MAX));
  codec.gop_size = 1 << 30;
  codec.thread_count = std::max(settings_.threads, 1);
  codec.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  codec.color_range = first.color_range;
  codec.colorspace = first.colorspace;
  codec.color_primaries = first.color_primaries;
  codec.color_trc = first.color_trc;
  codec.chroma_sample_location = first.chroma_location;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "preset", settings_.preset.c_str(), 0);
  av_dict_set(&options, "forced-idr", "1", 0);
  av_dict_set(&options, "x264-params", "scenecut=0:open-gop=0:keyint=infinite:annexb=1", 0);
  const int error = avcodec_open2(&codec, encoder, &options);
  av_dict_free(&options);
  if (error < 0)
    return av_status(error, fmt::format("cannot open x264 for {}x{} at {} bit/s, preset {}", codec.width,
                                        codec.height, settings_.bits_per_second, settings_.preset));
  return announce();
}

Status X264Encoder::announce() {
  ParametersPtr parameters(avcodec_parameters_alloc());
  if (!parameters) throw std::bad_alloc();
  if (const int error = avcodec_parameters_from_context(parameters.get(), codec_.get()); error < 0)
    return av_status(error, "x264's parameters");
  const auto header = avcc_of(view(codec_->extradata, codec_->extradata_size));
  if (!header.ok()) return header.status();
  av_freep(&parameters->extradata);
  parameters->extradata =
      static_cast<std::uint8_t*>(av_mallocz(header->size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (parameters->extradata == nullptr) throw std::bad_alloc();
  std::memcpy(parameters->extradata, header->data(), header->size());
  parameters->extradata_size = static_cast<int>(header->size());
  return out_.begin({parameters.get(), codec_->has_b_frames, 0});
}

Status X264Encoder::push(FramePtr frame) {
  if (!codec_)
    if (Status status = open(*frame); !status.ok()) return status;
  if (frame->width != codec_->width || frame->height != codec_->height || frame->format != codec_->pix_fmt)
    return Status(Code::internal, fmt::format("x264 was opened for {}x{} and got a picture of {}x{}",
                                              codec_->width, codec_->height, frame->width, frame->height));
  const std::int64_t segment = settings_.clock.segment_at(frame->pts);
  frame->pict_type = segment != segment_ ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  segment_ = segment;
  const int error = avcodec_send_frame(codec_.get(), frame.get());
  if (error < 0) return av_status(error, "x264");
  return drain();
}

Status X264Encoder::drain() {
  while (true) {
    PacketPtr packet = make_packet();
    const int error = avcodec_receive_packet(codec_.get(), packet.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
    if (error < 0) return av_status(error, "x264");
    replace_data(*packet, length_prefixed(view(packet->data, packet->size)));
    if (Status status = out_.push(std::move(packet)); !status.ok()) return status;
  }
}

Status X264Encoder::finish() {
  if (codec_) {
    if (const int error = avcodec_send_frame(codec_.get(), nullptr); error < 0)
      return av_status(error, "x264");
    if (Status status = drain(); !status.ok()) return status;
  }
  return out_.finish();
}

}  // namespace millrace::engine
