#include "engine/package/remux.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "engine/base/file.h"
#include "engine/package/muxer.h"
#include "engine/package/segment_reader.h"
#include "engine/pipeline/av.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

// A name that libavformat takes for a file, whatever characters it has.
std::string url_of(const fs::path& path) { return "file:" + path.native(); }

// The samples of one track, a segment in memory at a time.
class TrackQueue {
 public:
  static Result<std::unique_ptr<TrackQueue>> open(const RemuxTrack& track) {
    const Result<std::string> init = read_file(track.init);
    if (!init.ok()) return init.status();
    Result<SegmentReader> reader = SegmentReader::open(*init);
    if (!reader.ok()) return reader.status().under(track.init.native());
    auto queue = std::make_unique<TrackQueue>(track, std::move(reader).value());
    if (Status status = queue->fill(); !status.ok()) return status;
    return queue;
  }
  TrackQueue(const RemuxTrack& track, SegmentReader reader) : track_(track), reader_(std::move(reader)) {}

  const SegmentReader& reader() const { return reader_; }
  AVRational time_base() const { return {1, static_cast<int>(reader_.timescale())}; }
  bool empty() const { return at_ == samples_.size(); }
  const SampleView& front() const { return samples_[at_]; }
  std::int64_t taken() const { return taken_; }
  Status pop() {
    ++at_;
    ++taken_;
    return at_ == samples_.size() ? fill() : Status();
  }

 private:
  Status fill() {
    at_ = 0;
    samples_.clear();
    if (next_ == track_.segments.size()) return {};
    const fs::path& path = track_.segments[next_++];
    Result<std::string> bytes = read_file(path);
    if (!bytes.ok()) return bytes.status();
    bytes_ = std::move(*bytes);
    Result<std::vector<SampleView>> samples = reader_.samples(bytes_);
    if (!samples.ok()) return samples.status().under(path.native());
    samples_ = std::move(*samples);
    return {};
  }

  const RemuxTrack& track_;
  SegmentReader reader_;
  std::size_t next_ = 0;
  std::string bytes_;
  std::vector<SampleView> samples_;
  std::size_t at_ = 0;
  std::int64_t taken_ = 0;
};
using Queues = std::vector<std::unique_ptr<TrackQueue>>;

struct Mp4Muxer {
  MuxerPtr context;
  ~Mp4Muxer() { close(); }
  int close() { return context && context->pb != nullptr ? avio_closep(&context->pb) : 0; }
};

Status open_muxer(const Queues& queues, const fs::path& target, Mp4Muxer& muxer) {
  AVFormatContext* made = nullptr;
  if (const int error = avformat_alloc_output_context2(&made, nullptr, "mp4", url_of(target).c_str());
      error < 0)
    return av_status(error, target.native());
  muxer.context.reset(made);
  made->flags |= AVFMT_FLAG_BITEXACT;
  for (const auto& queue : queues) {
    AVStream* stream = avformat_new_stream(made, nullptr);
    if (stream == nullptr) return av_status(AVERROR(ENOMEM), target.native());
    if (const int error = avcodec_parameters_copy(stream->codecpar, &queue->reader().parameters()); error < 0)
      return av_status(error, target.native());
    stream->codecpar->codec_tag = 0;
    // An init segment does not say it; without it the muxer warns.
    if (stream->codecpar->codec_id == AV_CODEC_ID_AAC) stream->codecpar->frame_size = 1024;
    stream->time_base = queue->time_base();
    if (!queue->reader().language().empty())
      av_dict_set(&stream->metadata, "language", queue->reader().language().c_str(), 0);
  }
  if (const int error = avio_open(&made->pb, url_of(target).c_str(), AVIO_FLAG_WRITE); error < 0)
    return av_status(error, target.native());
  AVDictionary* options = nullptr;
  av_dict_set(&options, "movflags", "faststart", 0);
  av_dict_set_int(&options, "video_track_timescale", queues.front()->reader().timescale(), 0);
  const int error = avformat_write_header(made, &options);
  av_dict_free(&options);
  return error < 0 ? av_status(error, target.native()) : Status();
}

// The track whose next sample is decoded first; past the end when all are done.
std::size_t earliest(const Queues& queues) {
  std::size_t best = queues.size();
  for (std::size_t at = 0; at < queues.size(); ++at) {
    if (queues[at]->empty()) continue;
    if (best == queues.size() || av_compare_ts(queues[at]->front().dts, queues[at]->time_base(),
                                               queues[best]->front().dts, queues[best]->time_base()) < 0)
      best = at;
  }
  return best;
}

Status write_sample(AVFormatContext& muxer, std::size_t track, const TrackQueue& queue, AVPacket& packet) {
  const SampleView& sample = queue.front();
  av_packet_unref(&packet);
  // Without a buffer of its own the packet's bytes stay the segment's; the muxer has copied them when the
  // call returns.
  packet.data = reinterpret_cast<std::uint8_t*>(const_cast<char*>(sample.data.data()));
  packet.size = static_cast<int>(sample.data.size());
  packet.stream_index = static_cast<int>(track);
  packet.flags = sample.key ? AV_PKT_FLAG_KEY : 0;
  packet.pts = sample.pts;
  packet.dts = sample.dts;
  packet.duration = sample.duration;
  av_packet_rescale_ts(&packet, queue.time_base(), muxer.streams[track]->time_base);
  const int error = av_write_frame(&muxer, &packet);
  return error < 0 ? av_status(error, "cannot write the file") : Status();
}

}  // namespace

Result<std::vector<std::int64_t>> remux_mp4(const std::vector<RemuxTrack>& tracks, const fs::path& target) {
  Queues queues;
  for (const RemuxTrack& track : tracks) {
    auto queue = TrackQueue::open(track);
    if (!queue.ok()) return queue.status();
    queues.push_back(std::move(*queue));
  }
  if (queues.empty()) return Status(Code::invalid_argument, target.native() + ": no track to write");
  Mp4Muxer muxer;
  if (Status status = open_muxer(queues, target, muxer); !status.ok()) return status;
  const PacketPtr packet = make_packet();
  for (std::size_t next = earliest(queues); next < queues.size(); next = earliest(queues)) {
    Status status = write_sample(*muxer.context, next, *queues[next], *packet);
    if (status.ok()) status = queues[next]->pop();
    if (!status.ok()) return status.under(target.native());
  }
  if (const int error = av_write_trailer(muxer.context.get()); error < 0)
    return av_status(error, target.native());
  if (const int error = muxer.close(); error < 0) return av_status(error, target.native());
  std::vector<std::int64_t> frames;
  for (const auto& queue : queues) frames.push_back(queue->taken());
  return frames;
}

Result<std::vector<std::int64_t>> count_frames(const fs::path& file) {
  AVFormatContext* made = nullptr;
  if (const int error = avformat_open_input(&made, url_of(file).c_str(), nullptr, nullptr); error < 0)
    return av_status(error, file.native());
  const InputPtr input(made);
  std::vector<std::int64_t> frames(input->nb_streams, 0);
  const PacketPtr packet = make_packet();
  int error = 0;
  while ((error = av_read_frame(input.get(), packet.get())) >= 0) {
    ++frames[static_cast<std::size_t>(packet->stream_index)];
    av_packet_unref(packet.get());
  }
  if (error != AVERROR_EOF) return av_status(error, file.native());
  return frames;
}

}  // namespace millrace::engine
