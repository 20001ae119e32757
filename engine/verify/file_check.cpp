#include "engine/verify/file_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/pipeline/av.h"

namespace millrace::engine {
namespace {

struct Track {
  CodecPtr decoder;
  std::int64_t decoded = 0;
};

Result<Track> open_track(const AVStream& stream) {
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (codec == nullptr)
    return Status(Code::unsupported,
                  fmt::format("no decoder for {}", avcodec_get_name(stream.codecpar->codec_id)));
  Track track;
  track.decoder.reset(avcodec_alloc_context3(codec));
  if (!track.decoder || avcodec_parameters_to_context(track.decoder.get(), stream.codecpar) < 0)
    return Status(Code::resource_exhausted, "no memory for a decoder");
  track.decoder->pkt_timebase = stream.time_base;
  track.decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
  if (stream.codecpar->codec_id == AV_CODEC_ID_H264) track.decoder->skip_loop_filter = AVDISCARD_ALL;
  if (const int error = avcodec_open2(track.decoder.get(), codec, nullptr); error < 0)
    return av_status(error, "the decoder refuses it");
  return track;
}

// One packet in (null: the end), every finished frame out.
Status step(Track& track, const AVPacket* packet, AVFrame& frame) {
  int error = avcodec_send_packet(track.decoder.get(), packet);
  while (error >= 0) {
    error = avcodec_receive_frame(track.decoder.get(), &frame);
    if (error < 0) break;
    if ((frame.flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame.decode_error_flags != 0)
      return {Code::corrupt_input, "a frame is damaged"};
    track.decoded += track.decoder->codec_type == AVMEDIA_TYPE_AUDIO ? frame.nb_samples : 1;
  }
  return error == AVERROR(EAGAIN) || error == AVERROR_EOF ? Status() : av_status(error, "does not decode");
}

Status decode(AVFormatContext& input, std::vector<Track>& tracks) {
  for (unsigned at = 0; at < input.nb_streams; ++at) {
    Result<Track> track = open_track(*input.streams[at]);
    if (!track.ok()) return track.status();
    tracks.push_back(std::move(*track));
  }
  const PacketPtr packet = make_packet();
  const FramePtr frame = make_frame();
  int error = 0;
  while ((error = av_read_frame(&input, packet.get())) >= 0) {
    Status status = step(tracks[static_cast<std::size_t>(packet->stream_index)], packet.get(), *frame);
    av_packet_unref(packet.get());
    if (!status.ok()) return status;
  }
  if (error != AVERROR_EOF) return av_status(error, "cannot be read to its end");
  for (Track& track : tracks)
    if (Status status = step(track, nullptr, *frame); !status.ok()) return status;
  return {};
}

}  // namespace

Result<DecodedFile> decode_file(const std::filesystem::path& file) {
  AVFormatContext* made = nullptr;
  if (const int error = avformat_open_input(&made, ("file:" + file.native()).c_str(), nullptr, nullptr);
      error < 0)
    return av_status(error, file.native());
  const InputPtr input(made);
  std::vector<Track> tracks;
  if (Status status = decode(*input, tracks); !status.ok()) return status.under(file.native());
  DecodedFile decoded;
  for (const Track& track : tracks) {
    const bool sound = track.decoder->codec_type == AVMEDIA_TYPE_AUDIO;
    (sound ? decoded.samples : decoded.pictures).push_back(track.decoded);
  }
  return decoded;
}

}  // namespace millrace::engine
