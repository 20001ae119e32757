#include "tests/support/played_track.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "engine/base/file.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace millrace::test {
namespace fs = std::filesystem;
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

std::string joined(const fs::path& folder) {
  std::vector<fs::path> segments;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".m4s") segments.push_back(entry.path());
  std::sort(segments.begin(), segments.end());
  std::string bytes = engine::read_file(folder / "init.mp4").value();
  for (const fs::path& segment : segments) bytes += engine::read_file(segment).value();
  return bytes;
}

void take(PlayedTrack& track, const AVFrame& frame, AVRational time_base) {
  const double seconds = static_cast<double>(frame.best_effort_timestamp) * av_q2d(time_base);
  if (frame.nb_samples > 0) {
    if (track.samples.empty()) track.first_sample_seconds = seconds;
    const auto* samples = reinterpret_cast<const float*>(frame.data[0]);
    track.samples.insert(track.samples.end(), samples, samples + frame.nb_samples);
    track.sample_rate = frame.sample_rate;
    track.channels = frame.ch_layout.nb_channels;
  } else {
    track.frames.push_back({seconds, number_in(frame), frame.width, frame.height});
  }
}

}  // namespace

PlayedTrack play(const fs::path& track_folder) {
  const TempFolder folder;
  const fs::path file = folder / "joined.mp4";
  need(engine::write_file(file, joined(track_folder)).ok(), "cannot write the joined track");
  AVFormatContext* opened = nullptr;
  need(avformat_open_input(&opened, file.c_str(), nullptr, nullptr) >= 0, "the joined track does not open");
  const Owned<AVFormatContext> input(opened);
  need(avformat_find_stream_info(input.get(), nullptr) >= 0 && input->nb_streams == 1, "no single stream");
  const AVStream& stream = *input->streams[0];
  const Owned<AVCodecContext> codec(avcodec_alloc_context3(avcodec_find_decoder(stream.codecpar->codec_id)));
  need(avcodec_parameters_to_context(codec.get(), stream.codecpar) >= 0, "parameters");
  codec->pkt_timebase = stream.time_base;
  codec->thread_count = 1;
  need(avcodec_open2(codec.get(), nullptr, nullptr) >= 0, "no decoder");

  PlayedTrack track;
  const Owned<AVPacket> packet(av_packet_alloc());
  const Owned<AVFrame> frame(av_frame_alloc());
  const auto drain = [&] {
    int result = 0;
    while ((result = avcodec_receive_frame(codec.get(), frame.get())) >= 0)
      take(track, *frame, stream.time_base);
    need(result == AVERROR(EAGAIN) || result == AVERROR_EOF, "a frame does not decode");
  };
  while (av_read_frame(input.get(), packet.get()) >= 0) {
    track.packets.push_back(
        {packet->pts, packet->dts, packet->duration, (packet->flags & AV_PKT_FLAG_KEY) != 0});
    need(avcodec_send_packet(codec.get(), packet.get()) >= 0, "a packet does not decode");
    av_packet_unref(packet.get());
    drain();
  }
  need(avcodec_send_packet(codec.get(), nullptr) >= 0, "flush");
  drain();
  return track;
}

}  // namespace millrace::test
