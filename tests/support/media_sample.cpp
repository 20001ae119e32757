#include "tests/support/media_sample.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/opt.h>
}

namespace millrace::test {
namespace {

constexpr int kBars = 8;

void need(int result, const char* what) {
  if (result >= 0) return;
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(result, text, sizeof text);
  throw std::runtime_error(std::string(what) + ": " + text);
}

struct Free {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVFormatContext* muxer) const {
    if (muxer->pb != nullptr) avio_closep(&muxer->pb);
    avformat_free_context(muxer);
  }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

struct Stream {
  AVStream* stream = nullptr;
  Owned<AVCodecContext> codec;
  double written_seconds = 0;
};

class SampleFile {
 public:
  explicit SampleFile(const std::filesystem::path& file) {
    AVFormatContext* made = nullptr;
    need(avformat_alloc_output_context2(&made, nullptr, file.extension() == ".ts" ? "mpegts" : nullptr,
                                        file.c_str()),
         "muxer");
    muxer_.reset(made);
    muxer_->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;  // for Dolby Vision in MP4
    need(avio_open(&muxer_->pb, file.c_str(), AVIO_FLAG_WRITE), "file");
  }

  Stream add(const char* encoder_name, const std::string& x264_params, auto configure) {
    const AVCodec* encoder = avcodec_find_encoder_by_name(encoder_name);
    if (encoder == nullptr) throw std::runtime_error(std::string("no encoder ") + encoder_name);
    Stream added;
    added.codec.reset(avcodec_alloc_context3(encoder));
    configure(*added.codec);
    if ((muxer_->oformat->flags & AVFMT_GLOBALHEADER) != 0) added.codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    AVDictionary* options = nullptr;
    if (std::strcmp(encoder_name, "libx264") == 0) {
      av_dict_set(&options, "preset", "ultrafast", 0);
      av_dict_set(&options, "x264-params", x264_params.c_str(), 0);
    }
    const int opened = avcodec_open2(added.codec.get(), encoder, &options);
    av_dict_free(&options);
    need(opened, encoder_name);
    added.stream = avformat_new_stream(muxer_.get(), nullptr);
    need(avcodec_parameters_from_context(added.stream->codecpar, added.codec.get()), "parameters");
    added.stream->time_base = added.codec->time_base;
    return added;
  }

  void set_title(const std::string& title) { av_dict_set(&muxer_->metadata, "title", title.c_str(), 0); }

  void begin(const char* movflags) {
    AVDictionary* options = nullptr;
    if (movflags != nullptr) av_dict_set(&options, "movflags", movflags, 0);
    const int written = avformat_write_header(muxer_.get(), &options);
    av_dict_free(&options);
    need(written, "header");
  }
  void end() { need(av_write_trailer(muxer_.get()), "trailer"); }

  // Null flushes.
  void encode(Stream& to, const AVFrame* frame) {
    need(avcodec_send_frame(to.codec.get(), frame), "encode");
    Owned<AVPacket> packet(av_packet_alloc());
    while (avcodec_receive_packet(to.codec.get(), packet.get()) >= 0) {
      if (packet->duration == 0 && to.codec->codec_type == AVMEDIA_TYPE_VIDEO)
        packet->duration = av_rescale_q(1, av_inv_q(to.codec->framerate), to.codec->time_base);
      av_packet_rescale_ts(packet.get(), to.codec->time_base, to.stream->time_base);
      packet->stream_index = to.stream->index;
      need(av_interleaved_write_frame(muxer_.get(), packet.get()), "write");
    }
  }

 private:
  Owned<AVFormatContext> muxer_;
};

void add_side_data(AVStream& stream, AVPacketSideDataType type, const void* bytes, std::size_t size) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
  AVCodecParameters* coded = stream.codecpar;
  AVPacketSideData* data =
      av_packet_side_data_new(&coded->coded_side_data, &coded->nb_coded_side_data, type, size, 0);
  std::memcpy(data->data, bytes, size);
#else
  std::memcpy(av_stream_new_side_data(&stream, type, size), bytes, size);
#endif
}

Stream add_video(SampleFile& file, const SampleVideo& video) {
  Stream added = file.add(video.encoder.c_str(), video.x264_params, [&](AVCodecContext& codec) {
    codec.width = video.width;
    codec.height = video.height;
    codec.pix_fmt = AV_PIX_FMT_YUV420P;
    codec.framerate = {video.rate, video.rate_base};
    codec.time_base = video.pts.empty() ? AVRational{video.rate_base, video.rate} : AVRational{1, 90'000};
    codec.gop_size = video.gop;
    codec.max_b_frames = video.b_frames;
    codec.bit_rate = 400'000;
    codec.thread_count = 1;
    if (video.interlaced) {
      codec.flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
      codec.field_order = AV_FIELD_TT;
    }
  });
  added.stream->avg_frame_rate = {video.rate, video.rate_base};
  if (video.rotation_degrees != 0) {
    std::int32_t matrix[9];
    av_display_rotation_set(matrix, video.rotation_degrees);
    add_side_data(*added.stream, AV_PKT_DATA_DISPLAYMATRIX, matrix, sizeof matrix);
  }
  if (video.dolby_vision_profile > 0) {
    AVDOVIDecoderConfigurationRecord record{};
    record.dv_version_major = 1;
    record.dv_profile = static_cast<std::uint8_t>(video.dolby_vision_profile);
    record.dv_level = 1;
    record.rpu_present_flag = record.bl_present_flag = 1;
    record.dv_bl_signal_compatibility_id = static_cast<std::uint8_t>(video.dolby_vision_compatibility);
    add_side_data(*added.stream, AV_PKT_DATA_DOVI_CONF, &record, sizeof record);
  }
  if (video.tagged_interlaced) added.stream->codecpar->field_order = AV_FIELD_TT;
  return added;
}

void write_picture(SampleFile& file, Stream& to, const SampleVideo& video, int number) {
  Owned<AVFrame> frame(av_frame_alloc());
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = video.width;
  frame->height = video.height;
  need(av_frame_get_buffer(frame.get(), 0), "picture");
  if (video.moving_fields)
    draw_fields(*frame, 2 * number, 2 * number + 1);
  else
    draw_number(*frame, number);
  const auto index = static_cast<std::size_t>(number);
  frame->pts = video.pts.empty() ? number : video.pts[index];
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  if (video.interlaced) frame->flags |= AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
  frame->interlaced_frame = video.interlaced ? 1 : 0;
  frame->top_field_first = 1;
#endif
  file.encode(to, frame.get());
  to.written_seconds = static_cast<double>(frame->pts + 1) * av_q2d(to.codec->time_base);
}

Stream add_sound(SampleFile& file, const SampleSound& sound) {
  if (!sound.title.empty()) file.set_title(sound.title);
  Stream added = file.add(sound.encoder.c_str(), "", [&](AVCodecContext& codec) {
    codec.sample_rate = sound.sample_rate;
    av_channel_layout_default(&codec.ch_layout, sound.channels);
    const bool planar_float = sound.encoder == "aac" || sound.encoder == "ac3";
    codec.sample_fmt = planar_float ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_S16;
    codec.time_base = {1, sound.sample_rate};
    codec.bit_rate = 128'000;
  });
  if (!sound.language.empty()) av_dict_set(&added.stream->metadata, "language", sound.language.c_str(), 0);
  return added;
}

void put_sample(AVFrame& frame, int channel, int at, double value) {
  const int channels = frame.ch_layout.nb_channels;
  switch (frame.format) {
    case AV_SAMPLE_FMT_FLTP:
      reinterpret_cast<float*>(frame.data[channel])[at] = static_cast<float>(value);
      break;
    case AV_SAMPLE_FMT_S16:
      reinterpret_cast<std::int16_t*>(frame.data[0])[at * channels + channel] =
          static_cast<std::int16_t>(value * 32767);
      break;
    default:
      throw std::runtime_error("the sample maker knows fltp and s16 only");
  }
}

bool sounds(const SampleSound& sound, double time) {
  if (sound.beeps.empty()) return time >= sound.silent_until;
  return std::any_of(sound.beeps.begin(), sound.beeps.end(),
                     [&](double beep) { return time >= beep && time < beep + 0.1; });
}

// The next frame of sound; false at the end.
bool write_tone(SampleFile& file, Stream& to, const SampleSound& sound, std::int64_t& position) {
  const auto total = static_cast<std::int64_t>(sound.seconds * sound.sample_rate);
  if (position >= total) return false;
  const int size = to.codec->frame_size > 0 ? to.codec->frame_size : 1024;
  Owned<AVFrame> frame(av_frame_alloc());
  frame->format = to.codec->sample_fmt;
  frame->sample_rate = sound.sample_rate;
  frame->nb_samples = static_cast<int>(std::min<std::int64_t>(size, total - position));
  av_channel_layout_copy(&frame->ch_layout, &to.codec->ch_layout);
  need(av_frame_get_buffer(frame.get(), 0), "sound");
  for (int i = 0; i < frame->nb_samples; ++i) {
    const double time = static_cast<double>(position + i) / sound.sample_rate;
    const double value = sounds(sound, time) ? 0.5 * std::sin(2 * M_PI * 1000 * time) : 0;
    for (int channel = 0; channel < sound.channels; ++channel) put_sample(*frame, channel, i, value);
  }
  frame->pts = position + std::llround(sound.start_seconds * sound.sample_rate);
  position += frame->nb_samples;
  file.encode(to, frame.get());
  to.written_seconds = sound.start_seconds + static_cast<double>(position) / sound.sample_rate;
  return true;
}

}  // namespace

void make_sample(const std::filesystem::path& path, const std::optional<SampleVideo>& video,
                 const std::optional<SampleSound>& sound) {
  SampleFile file(path);
  Stream pictures;
  Stream tones;
  if (video) pictures = add_video(file, *video);
  if (sound) tones = add_sound(file, *sound);
  const char* fragments = "+frag_keyframe+empty_moov+default_base_moof";
  file.begin(video && video->fragmented ? fragments : video && video->index_first ? "+faststart" : nullptr);
  int number = 0;
  std::int64_t position = 0;
  bool more_pictures = video.has_value();
  bool more_tones = sound.has_value();
  while (more_pictures || more_tones) {
    if (more_pictures && (!more_tones || pictures.written_seconds <= tones.written_seconds)) {
      if (number < video->frames)
        write_picture(file, pictures, *video, number++);
      else
        more_pictures = false;
    } else {
      more_tones = write_tone(file, tones, *sound, position);
    }
  }
  if (video) file.encode(pictures, nullptr);
  if (sound) file.encode(tones, nullptr);
  file.end();
}

void draw_number(AVFrame& frame, int number) {
  for (int y = 0; y < frame.height; ++y)
    for (int x = 0; x < frame.width; ++x) {
      const int bar = x * kBars / frame.width;
      frame.data[0][y * frame.linesize[0] + x] = ((number >> bar) & 1) != 0 ? 210 : 40;
    }
  for (int plane = 1; plane < 3; ++plane)
    for (int y = 0; y < (frame.height + 1) / 2; ++y)
      std::memset(frame.data[plane] + y * frame.linesize[plane], 128,
                  static_cast<std::size_t>((frame.width + 1) / 2));
}

void draw_fields(AVFrame& frame, int top, int bottom) {
  for (int y = 0; y < frame.height; ++y) {
    const int bar = (y % 2 == 0 ? top : bottom) * 5 % frame.width;
    for (int x = 0; x < frame.width; ++x) {
      const int distance = (x - bar + frame.width) % frame.width;
      frame.data[0][y * frame.linesize[0] + x] = static_cast<std::uint8_t>(distance < 40 ? 210 : 60 + x % 32);
    }
  }
  for (int plane = 1; plane < 3; ++plane)
    for (int y = 0; y < (frame.height + 1) / 2; ++y)
      std::memset(frame.data[plane] + y * frame.linesize[plane], 128,
                  static_cast<std::size_t>((frame.width + 1) / 2));
}

int number_in(const AVFrame& frame) {
  int number = 0;
  for (int bar = 0; bar < kBars; ++bar) {
    const int x = (2 * bar + 1) * frame.width / (2 * kBars);
    if (frame.data[0][(frame.height / 2) * frame.linesize[0] + x] > 125) number |= 1 << bar;
  }
  return number;
}

std::optional<std::filesystem::path> real_clip(const std::string& name) {
  const char* folder = std::getenv("MILLRACE_MEDIA");
  if (folder == nullptr) return std::nullopt;
  const std::filesystem::path path = std::filesystem::path(folder) / name;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

}  // namespace millrace::test
