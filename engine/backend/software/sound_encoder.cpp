#include "engine/backend/software/sound_encoder.h"

#include <fmt/format.h>

#include <new>

#include "engine/base/work_count.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
}

namespace millrace::engine {
namespace {

struct SoundDialect {
  const char* encoder = nullptr;
  AVSampleFormat format = AV_SAMPLE_FMT_NONE;
  bool lossless = false;
};

SoundDialect dialect_of(AudioCodec codec) {
  switch (codec) {
    case AudioCodec::aac:
      return {"aac", AV_SAMPLE_FMT_FLTP, false};
    case AudioCodec::mp3:
      return {"libmp3lame", AV_SAMPLE_FMT_FLTP, false};
    case AudioCodec::opus:
      return {"libopus", AV_SAMPLE_FMT_FLT, false};
    case AudioCodec::vorbis:
      return {"libvorbis", AV_SAMPLE_FMT_FLTP, false};
    case AudioCodec::flac:
      return {"flac", AV_SAMPLE_FMT_S32, true};
    case AudioCodec::pcm:
      return {"pcm_s16le", AV_SAMPLE_FMT_S16, true};
  }
  return {};
}

// To the codec's format, in its frames; the last one may be shorter.
std::string chain_of(const AVCodecContext& codec) {
  std::string chain = fmt::format("aformat=sample_fmts={}", av_get_sample_fmt_name(codec.sample_fmt));
  if (codec.frame_size > 0) chain += fmt::format(",asetnsamples=n={}:p=0", codec.frame_size);
  return chain;
}

}  // namespace

SoundEncoder::SoundEncoder(CodecPtr codec, TrackSink<PacketPtr>& out)
    : codec_(std::move(codec), out),
      filter_({chain_of(codec_.context()), codec_.context().time_base, {0, 1}, {0, 1}, 1}, codec_) {}

Result<std::unique_ptr<Sink<FramePtr>>> SoundEncoder::open(const SoundEncoderSettings& settings,
                                                           TrackSink<PacketPtr>& out) {
  const SoundDialect dialect = dialect_of(settings.codec);
  const AVCodec* encoder = avcodec_find_encoder_by_name(dialect.encoder);
  if (encoder == nullptr)
    return Status(Code::unsupported,
                  fmt::format("this FFmpeg has no {} encoder; install one that has it, as Debian's does",
                              dialect.encoder));
  // MP4 and WebM count Opus in 1/48000 s, whatever rate went in.
  if (settings.codec == AudioCodec::opus && settings.sample_rate != 48'000)
    return Status(Code::invalid_argument,
                  fmt::format("Opus is coded at 48000 Hz, not at {} Hz", settings.sample_rate));
  CodecPtr codec(avcodec_alloc_context3(encoder));
  if (!codec) throw std::bad_alloc();
  codec->sample_fmt = dialect.format;
  codec->sample_rate = settings.sample_rate;
  av_channel_layout_default(&codec->ch_layout, settings.channels);
  if (!dialect.lossless) codec->bit_rate = settings.bits_per_second;
  if (settings.codec == AudioCodec::flac) codec->bits_per_raw_sample = 24;
  codec->time_base = {1, settings.sample_rate};
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  if (const int error = avcodec_open2(codec.get(), encoder, nullptr); error < 0)
    return av_status(
        error, fmt::format("cannot open the {} encoder for {} channels, {} Hz, {} bit/s", dialect.encoder,
                           settings.channels, settings.sample_rate, codec->bit_rate));
  return std::unique_ptr<Sink<FramePtr>>(new SoundEncoder(std::move(codec), out));
}

Status SoundEncoder::Codec::announce() {
  announced_ = true;
  ParametersPtr parameters(avcodec_parameters_alloc());
  if (!parameters) throw std::bad_alloc();
  if (const int error = avcodec_parameters_from_context(parameters.get(), codec_.get()); error < 0)
    return av_status(error, fmt::format("{}'s parameters", codec_->codec->name));
  return out_.begin({parameters.get(), 0, codec_->initial_padding, {}});
}

Status SoundEncoder::Codec::push(FramePtr frame) {
  fed_ = true;
  if (const int error = avcodec_send_frame(codec_.get(), frame.get()); error < 0)
    return av_status(error, codec_->codec->name);
  return drain();
}

Status SoundEncoder::Codec::drain() {
  while (true) {
    PacketPtr packet = make_packet();
    const int error = avcodec_receive_packet(codec_.get(), packet.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
    if (error < 0) return av_status(error, codec_->codec->name);
    note_work();
    // Only now: libvorbis knows its priming with the first packet.
    if (!announced_)
      if (Status status = announce(); !status.ok()) return status;
    if (Status status = out_.push(std::move(packet)); !status.ok()) return status;
  }
}

Status SoundEncoder::Codec::finish() {
  if (fed_) {
    if (const int error = avcodec_send_frame(codec_.get(), nullptr); error < 0)
      return av_status(error, codec_->codec->name);
    if (Status status = drain(); !status.ok()) return status;
  }
  return out_.finish();
}

}  // namespace millrace::engine
