#include "tests/support/coded_track.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace millrace::test {
namespace {

struct Delete {
  void operator()(AVCodecContext* encoder) const { avcodec_free_context(&encoder); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using Encoder = std::unique_ptr<AVCodecContext, Delete>;
using Frame = std::unique_ptr<AVFrame, Delete>;

// A test cannot go on without its media.
void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "coded_track: %s\n", what);
  std::abort();
}

Encoder encoder_named(const char* name) {
  if (av_log_get_level() > AV_LOG_ERROR) av_log_set_level(AV_LOG_ERROR);
  const AVCodec* codec = avcodec_find_encoder_by_name(name);
  require(codec != nullptr, "this FFmpeg lacks an encoder");
  Encoder encoder(avcodec_alloc_context3(codec));
  encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  encoder->thread_count = 1;
  return encoder;
}

CodedTrack track_of(const Encoder& encoder) {
  CodedTrack track;
  track.parameters.reset(avcodec_parameters_alloc(),
                         [](AVCodecParameters* parameters) { avcodec_parameters_free(&parameters); });
  require(avcodec_parameters_from_context(track.parameters.get(), encoder.get()) >= 0, "no parameters");
  track.timescale = encoder->time_base.den;
  return track;
}

void encode(AVCodecContext& encoder, const AVFrame* frame, std::vector<CodedPacket>& packets) {
  require(avcodec_send_frame(&encoder, frame) >= 0, "the encoder refuses a frame");
  const std::unique_ptr<AVPacket, Delete> packet(av_packet_alloc());
  while (avcodec_receive_packet(&encoder, packet.get()) >= 0) {
    packets.push_back(
        {std::string(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size)),
         packet->pts, packet->dts, packet->duration, (packet->flags & AV_PKT_FLAG_KEY) != 0});
    av_packet_unref(packet.get());
  }
}

void draw(AVFrame& frame, int number) {
  for (int plane = 0; plane < 3; ++plane) {
    const int shrink = plane == 0 ? 1 : 2;
    for (int y = 0; y < frame.height / shrink; ++y)
      for (int x = 0; x < frame.width / shrink; ++x)
        frame.data[plane][y * frame.linesize[plane] + x] =
            static_cast<std::uint8_t>(16 + (x * (3 + plane) + y * 2 + number * 5 + (x * y) % 7) % 200);
  }
}

}  // namespace

CodedTrack coded_pictures(const PictureTrack& wanted) {
  const Encoder encoder = encoder_named("libx264");
  encoder->width = wanted.width;
  encoder->height = wanted.height;
  encoder->pix_fmt = AV_PIX_FMT_YUV420P;
  encoder->time_base = {1, 90'000};
  encoder->framerate = {90'000, static_cast<int>(wanted.frame_ticks)};
  encoder->gop_size = 100'000;
  encoder->max_b_frames = wanted.b_frames;
  encoder->bit_rate = 300'000;
  av_opt_set(encoder->priv_data, "preset", "veryfast", 0);
  av_opt_set(encoder->priv_data, "forced-idr", "1", 0);
  av_opt_set(encoder->priv_data, "x264-params", "scenecut=0:b-adapt=0", 0);
  require(avcodec_open2(encoder.get(), nullptr, nullptr) >= 0, "libx264 does not open");
  CodedTrack track = track_of(encoder);

  for (int number = 0; number < wanted.frames; ++number) {
    const Frame frame(av_frame_alloc());
    frame->format = encoder->pix_fmt;
    frame->width = wanted.width;
    frame->height = wanted.height;
    require(av_frame_get_buffer(frame.get(), 0) >= 0, "no memory");
    draw(*frame, number);
    frame->pts = number * wanted.frame_ticks;
    if (number % wanted.frames_per_segment == 0) frame->pict_type = AV_PICTURE_TYPE_I;
    encode(*encoder, frame.get(), track.packets);
  }
  encode(*encoder, nullptr, track.packets);
  for (CodedPacket& packet : track.packets) packet.duration = wanted.frame_ticks;
  return track;
}

CodedTrack coded_sound(int samples, int sample_rate, int channels) {
  const Encoder encoder = encoder_named("aac");
  encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
  encoder->sample_rate = sample_rate;
  encoder->time_base = {1, sample_rate};
  encoder->bit_rate = 96'000;
  av_channel_layout_default(&encoder->ch_layout, channels);
  require(avcodec_open2(encoder.get(), nullptr, nullptr) >= 0, "aac does not open");
  CodedTrack track = track_of(encoder);

  for (int at = 0; at < samples; at += encoder->frame_size) {
    const Frame frame(av_frame_alloc());
    frame->format = encoder->sample_fmt;
    frame->sample_rate = sample_rate;
    frame->nb_samples = std::min(encoder->frame_size, samples - at);
    require(av_channel_layout_copy(&frame->ch_layout, &encoder->ch_layout) >= 0, "no memory");
    require(av_frame_get_buffer(frame.get(), 0) >= 0, "no memory");
    for (int channel = 0; channel < channels; ++channel)
      for (int index = 0; index < frame->nb_samples; ++index)
        reinterpret_cast<float*>(frame->data[channel])[index] =
            0.4F * static_cast<float>(std::sin(0.05 * (at + index) * (channel + 1)));
    frame->pts = at;
    encode(*encoder, frame.get(), track.packets);
  }
  encode(*encoder, nullptr, track.packets);
  return track;
}

}  // namespace millrace::test
