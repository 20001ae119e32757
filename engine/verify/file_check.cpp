#include "engine/verify/file_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/base/work_count.h"
#include "engine/pipeline/av.h"

namespace millrace::engine {
namespace {

// How far picture and sound may part.
constexpr double kInStep = 0.020;

class TrackDecoder {
 public:
  static Result<TrackDecoder> open(const AVStream& stream, const DecodeSettings& settings) {
    const AVCodecID id = stream.codecpar->codec_id;
    const AVCodec* codec = avcodec_find_decoder(id);
    if (codec == nullptr)
      return Status(Code::unsupported, fmt::format("no decoder for {}", avcodec_get_name(id)));
    CodecPtr decoder(avcodec_alloc_context3(codec));
    if (!decoder || avcodec_parameters_to_context(decoder.get(), stream.codecpar) < 0)
      return Status(Code::out_of_memory, "no memory for a decoder");
    decoder->pkt_timebase = stream.time_base;
    decoder->thread_count = std::max(settings.threads, 1);
    if (!settings.accept_damage)
      decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
    // The loop filter reads no bits: without it every bit is still parsed, at about half the cost.
    if (id == AV_CODEC_ID_H264) decoder->skip_loop_filter = AVDISCARD_ALL;
    if (const int error = avcodec_open2(decoder.get(), codec, nullptr); error < 0)
      return av_status(error, "the decoder refuses it");
    return TrackDecoder(std::move(decoder), settings.accept_damage);
  }

  // One packet in (null: the end), every finished frame out.
  Status step(const AVPacket* packet, AVFrame& frame) {
    if (packet != nullptr) ++track_.packets;
    int error = avcodec_send_packet(decoder_.get(), packet);
    if (error < 0 && error != AVERROR_EOF && accept_damage_) error = 0;
    while (error >= 0) {
      error = avcodec_receive_frame(decoder_.get(), &frame);
      if (error < 0) break;
      const bool damaged = (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame.decode_error_flags != 0;
      if (damaged && !accept_damage_) return {Code::corrupt_input, "a frame is damaged"};
      take(frame);
    }
    const bool fine = error == AVERROR(EAGAIN) || error == AVERROR_EOF || accept_damage_;
    return fine ? Status() : av_status(error, "does not decode");
  }

  DecodedTrack result() const {
    DecodedTrack track = track_;
    track.sound = is_sound();
    track.codec = avcodec_get_name(decoder_->codec_id);
    return track;
  }

 private:
  TrackDecoder(CodecPtr decoder, bool accept_damage)
      : decoder_(std::move(decoder)), accept_damage_(accept_damage) {}
  bool is_sound() const { return decoder_->codec_type == AVMEDIA_TYPE_AUDIO; }

  void take(const AVFrame& frame) {
    note_work();
    if (frame.best_effort_timestamp != AV_NOPTS_VALUE) {
      const double at = static_cast<double>(frame.best_effort_timestamp) * av_q2d(decoder_->pkt_timebase);
      if (track_.count == 0) track_.first_seconds = track_.last_seconds = at;
      track_.last_seconds = std::max(track_.last_seconds, at);
    }
    track_.count += is_sound() ? frame.nb_samples : 1;
  }

  CodecPtr decoder_;
  bool accept_damage_ = false;
  DecodedTrack track_;
};

Status decode(AVFormatContext& input, const DecodeSettings& settings, const std::stop_token& stop,
              std::vector<TrackDecoder>& tracks) {
  for (unsigned at = 0; at < input.nb_streams; ++at) {
    Result<TrackDecoder> track = TrackDecoder::open(*input.streams[at], settings);
    if (!track.ok()) return track.status();
    tracks.push_back(std::move(track).value());
  }
  const PacketPtr packet = make_packet();
  const FramePtr frame = make_frame();
  int error = 0;
  while ((error = av_read_frame(&input, packet.get())) >= 0) {
    const auto at = static_cast<std::size_t>(packet->stream_index);
    Status status = at < tracks.size() ? tracks[at].step(packet.get(), *frame)
                                       : Status(Code::corrupt_input, "a track begins in the middle");
    if (stop.stop_requested()) status = Status(Code::cancelled, "stopped on request");
    av_packet_unref(packet.get());
    if (!status.ok()) return status;
  }
  if (error != AVERROR_EOF) return av_status(error, "cannot be read to its end");
  for (TrackDecoder& track : tracks)
    if (Status status = track.step(nullptr, *frame); !status.ok()) return status;
  return {};
}

Status broken(std::string text) { return {Code::internal, std::move(text)}; }

Status compare(const ExpectedTrack& wanted, const DecodedTrack& track, const ExpectedTrack& first_wanted,
               const DecodedTrack& first) {
  if (track.sound != wanted.sound) return broken("it is of another kind than was written");
  if (wanted.only_there) return {};
  if (track.count < wanted.least || track.count > wanted.most)
    return broken(fmt::format("{} {} were written, {} decode", wanted.count,
                              wanted.sound ? "samples" : "pictures", track.count));
  if (wanted.packets > 0 && track.packets != wanted.packets)
    return broken(fmt::format("{} packets were written, {} are in the file", wanted.packets, track.packets));
  const double span = track.last_seconds - track.first_seconds;
  const double wanted_span = wanted.last_seconds - wanted.first_seconds;
  const double picture = wanted_span / static_cast<double>(std::max<std::int64_t>(wanted.count - 1, 1));
  if (!wanted.sound && std::abs(span - wanted_span) > std::max(kInStep, picture))
    return broken(fmt::format("its pictures span {:.3f} s, written were {:.3f} s", span, wanted_span));
  const double late =
      (track.first_seconds - first.first_seconds) - (wanted.first_seconds - first_wanted.first_seconds);
  const double priming = wanted.priming_seconds + first_wanted.priming_seconds;
  if (std::abs(late) > kInStep + priming)
    return broken(fmt::format("it begins {:.3f} s off, against the first track", late));
  return {};
}

}  // namespace

Result<DecodedFile> decode_file(const std::filesystem::path& file, const DecodeSettings& settings,
                                std::stop_token stop) {
  AVFormatContext* made = nullptr;
  if (const int error = avformat_open_input(&made, ("file:" + file.native()).c_str(), nullptr, nullptr);
      error < 0)
    return av_status(error, file.native());
  const InputPtr input(made);
  // Transport streams and their like say what their tracks are in the packets alone.
  if (const int error = avformat_find_stream_info(made, nullptr); error < 0)
    return av_status(error, file.native());
  std::vector<TrackDecoder> tracks;
  if (Status status = decode(*input, settings, stop, tracks); !status.ok())
    return status.under(file.native());
  DecodedFile decoded;
  for (const TrackDecoder& each : tracks) {
    decoded.tracks.push_back(each.result());
    const DecodedTrack& track = decoded.tracks.back();
    (track.sound ? decoded.samples : decoded.pictures).push_back(track.count);
  }
  return decoded;
}

Status compare_tracks(const std::vector<ExpectedTrack>& expected, const DecodedFile& found) {
  if (found.tracks.size() != expected.size())
    return broken(
        fmt::format("{} tracks were written, {} are in the file", expected.size(), found.tracks.size()));
  for (std::size_t at = 0; at < expected.size(); ++at)
    if (Status status = compare(expected[at], found.tracks[at], expected[0], found.tracks[0]); !status.ok())
      return status.under(fmt::format("track {}", at));
  return {};
}

}  // namespace millrace::engine
