#include "tests/support/played_file.h"

#include <cmath>
#include <memory>
#include <stdexcept>

#include "tests/support/media_sample.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace millrace::test {
namespace {

struct Free {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVFormatContext* input) const { avformat_close_input(&input); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

void need(bool good, const std::string& what) {
  if (!good) throw std::runtime_error(what);
}

// One sample of the first channel, -1 to 1.
float sample_at(const AVFrame& frame, int at) {
  const bool planar = av_sample_fmt_is_planar(static_cast<AVSampleFormat>(frame.format)) != 0;
  const int index = planar ? at : at * frame.ch_layout.nb_channels;
  switch (frame.format) {
    case AV_SAMPLE_FMT_FLT:
    case AV_SAMPLE_FMT_FLTP:
      return reinterpret_cast<const float*>(frame.data[0])[index];
    case AV_SAMPLE_FMT_S16:
    case AV_SAMPLE_FMT_S16P:
      return static_cast<float>(reinterpret_cast<const std::int16_t*>(frame.data[0])[index]) / 32768.0F;
    case AV_SAMPLE_FMT_S32:
    case AV_SAMPLE_FMT_S32P:
      return static_cast<float>(reinterpret_cast<const std::int32_t*>(frame.data[0])[index]) / 2147483648.0F;
    default:
      throw std::runtime_error("a sample format that the player does not know");
  }
}

void take(PlayedTrack& track, const AVFrame& frame, AVRational time_base) {
  const double seconds = static_cast<double>(frame.best_effort_timestamp) * av_q2d(time_base);
  if (frame.nb_samples == 0) {
    track.frames.push_back({seconds, number_in(frame), frame.width, frame.height});
    return;
  }
  if (track.samples.empty()) track.first_sample_seconds = seconds;
  for (int at = 0; at < frame.nb_samples; ++at) track.samples.push_back(sample_at(frame, at));
  track.sample_rate = frame.sample_rate;
  track.channels = frame.ch_layout.nb_channels;
}

std::string text_in(const AVDictionary* from, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(from, key, nullptr, 0);
  return entry != nullptr ? entry->value : "";
}

std::string tag_text(std::uint32_t tag) {
  std::string text;
  for (int shift = 0; shift < 32; shift += 8) text += static_cast<char>((tag >> shift) & 0xff);
  return text;
}

class Player {
 public:
  explicit Player(const std::filesystem::path& file) {
    AVFormatContext* opened = nullptr;
    need(avformat_open_input(&opened, file.c_str(), nullptr, nullptr) >= 0, file.native() + " does not open");
    input_.reset(opened);
    need(avformat_find_stream_info(opened, nullptr) >= 0, file.native() + " says nothing of its tracks");
    for (unsigned at = 0; at < opened->nb_streams; ++at) add(*opened->streams[at]);
  }

  std::vector<PlayedStream> play() {
    const Owned<AVPacket> packet(av_packet_alloc());
    while (av_read_frame(input_.get(), packet.get()) >= 0) {
      const auto at = static_cast<std::size_t>(packet->stream_index);
      need(at < streams_.size(), "a track begins in the middle");
      streams_[at].track.packets.push_back(
          {packet->pts, packet->dts, packet->duration, (packet->flags & AV_PKT_FLAG_KEY) != 0});
      decode(at, packet.get());
      av_packet_unref(packet.get());
    }
    for (std::size_t at = 0; at < streams_.size(); ++at) decode(at, nullptr);
    return std::move(streams_);
  }

 private:
  void add(const AVStream& stream) {
    const AVCodecParameters& coded = *stream.codecpar;
    PlayedStream played;
    played.sound = coded.codec_type == AVMEDIA_TYPE_AUDIO;
    played.codec = avcodec_get_name(coded.codec_id);
    played.tag = tag_text(coded.codec_tag);
    played.language = text_in(stream.metadata, "language");
    if (played.language.empty()) played.language = text_in(input_->metadata, "language");
    played.title = text_in(input_->metadata, "title");
    if (played.title.empty()) played.title = text_in(stream.metadata, "title");
    played.is_default = (stream.disposition & AV_DISPOSITION_DEFAULT) != 0;
    streams_.push_back(std::move(played));

    Owned<AVCodecContext> codec(avcodec_alloc_context3(avcodec_find_decoder(coded.codec_id)));
    need(avcodec_parameters_to_context(codec.get(), &coded) >= 0, "parameters");
    codec->pkt_timebase = stream.time_base;
    codec->thread_count = 1;
    need(avcodec_open2(codec.get(), nullptr, nullptr) >= 0, "no decoder");
    codecs_.push_back(std::move(codec));
  }

  void decode(std::size_t at, const AVPacket* packet) {
    const Owned<AVFrame> frame(av_frame_alloc());
    need(avcodec_send_packet(codecs_[at].get(), packet) >= 0, "a packet does not decode");
    int result = 0;
    while ((result = avcodec_receive_frame(codecs_[at].get(), frame.get())) >= 0)
      take(streams_[at].track, *frame, codecs_[at]->pkt_timebase);
    need(result == AVERROR(EAGAIN) || result == AVERROR_EOF, "a frame does not decode");
  }

  Owned<AVFormatContext> input_;
  std::vector<Owned<AVCodecContext>> codecs_;
  std::vector<PlayedStream> streams_;
};

}  // namespace

std::vector<PlayedStream> play_file(const std::filesystem::path& file) { return Player(file).play(); }

double shown_at(const PlayedTrack& pictures, int number) {
  for (const PlayedFrame& each : pictures.frames)
    if (each.number == number) return each.seconds;
  return -1;
}

double loud_at(const PlayedTrack& sound, double after) {
  for (std::size_t at = 0; at < sound.samples.size(); ++at) {
    const double seconds = sound.first_sample_seconds + static_cast<double>(at) / sound.sample_rate;
    if (seconds >= after && std::abs(sound.samples[at]) > 0.2F) return seconds;
  }
  return -1;
}

}  // namespace millrace::test
