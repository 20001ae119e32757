#include "engine/backend/software/aac_encoder.h"

#include <fmt/format.h>

#include <new>

extern "C" {
#include <libavutil/channel_layout.h>
}

namespace millrace::engine {

Result<std::unique_ptr<Sink<FramePtr>>> AacEncoder::open(const SoundEncoderSettings& settings,
                                                         TrackSink<PacketPtr>& out) {
  const AVCodec* encoder = avcodec_find_encoder_by_name("aac");
  if (encoder == nullptr) return Status(Code::unsupported, "this FFmpeg has no AAC encoder");
  CodecPtr codec(avcodec_alloc_context3(encoder));
  codec->sample_fmt = AV_SAMPLE_FMT_FLTP;
  codec->sample_rate = settings.sample_rate;
  av_channel_layout_default(&codec->ch_layout, settings.channels);
  codec->bit_rate = settings.bits_per_second;
  codec->time_base = {1, settings.sample_rate};
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  if (const int error = avcodec_open2(codec.get(), encoder, nullptr); error < 0)
    return av_status(error, fmt::format("cannot open the AAC encoder for {} channels, {} Hz, {} bit/s",
                                        settings.channels, settings.sample_rate, settings.bits_per_second));
  if (codec->frame_size != kFrameSamples)
    return Status(Code::internal,
                  fmt::format("the AAC encoder takes frames of {} samples", codec->frame_size));
  return std::unique_ptr<Sink<FramePtr>>(new AacEncoder(std::move(codec), out));
}

Status AacEncoder::push(FramePtr frame) {
  if (!announced_) {
    announced_ = true;
    ParametersPtr parameters(avcodec_parameters_alloc());
    if (!parameters) throw std::bad_alloc();
    if (const int error = avcodec_parameters_from_context(parameters.get(), codec_.get()); error < 0)
      return av_status(error, "the AAC encoder's parameters");
    if (Status status = out_.begin({parameters.get(), 0, codec_->initial_padding}); !status.ok())
      return status;
  }
  if (const int error = avcodec_send_frame(codec_.get(), frame.get()); error < 0)
    return av_status(error, "the AAC encoder");
  return drain();
}

Status AacEncoder::drain() {
  while (true) {
    PacketPtr packet = make_packet();
    const int error = avcodec_receive_packet(codec_.get(), packet.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
    if (error < 0) return av_status(error, "the AAC encoder");
    if (Status status = out_.push(std::move(packet)); !status.ok()) return status;
  }
}

Status AacEncoder::finish() {
  if (announced_) {
    if (const int error = avcodec_send_frame(codec_.get(), nullptr); error < 0)
      return av_status(error, "the AAC encoder");
    if (Status status = drain(); !status.ok()) return status;
  }
  return out_.finish();
}

}  // namespace millrace::engine
