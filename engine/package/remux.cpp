#include "engine/package/remux.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "engine/base/file.h"
#include "engine/package/parameter_sets.h"
#include "engine/package/segment_reader.h"
#include "engine/pipeline/av.h"

extern "C" {
#include <libavutil/intreadwrite.h>
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

// The samples of one track, a segment in memory at a time.
class TrackQueue {
 public:
  static Result<std::unique_ptr<TrackQueue>> open(const JoinTrack& track, Container container) {
    auto queue = std::make_unique<TrackQueue>(track);
    for (const fs::path& path : track.inits) {
      const Result<std::string> init = read_file(path);
      if (!init.ok()) return init.status();
      Result<SegmentReader> reader = SegmentReader::open(*init);
      if (!reader.ok()) return reader.status().under(path.native());
      queue->readers_.push_back(std::move(reader).value());
    }
    if (Status status = queue->find_headers(container); !status.ok())
      return status.under(track.inits.front().native());
    if (Status status = queue->fill(); !status.ok()) return status;
    return queue;
  }
  explicit TrackQueue(const JoinTrack& track) : track_(track) {}

  const JoinTrack& track() const { return track_; }
  const SegmentReader& reader() const { return readers_.front(); }
  AVRational time_base() const { return {1, static_cast<int>(reader().timescale())}; }
  bool empty() const { return at_ == samples_.size(); }
  const SampleView& front() const { return samples_[at_]; }
  // Its segments have several headers, so key frames bring theirs along.
  bool headers_in_band() const { return !sets_.empty(); }
  // The bytes of the front as the file holds them.
  std::string_view data() {
    const SampleView& sample = front();
    if (!headers_in_band()) return sample.data;
    const AVCodecParameters& parameters = readers_[init_].parameters();
    const bool lacks = sample.key && !holds_parameter_sets(parameters, sample.data);
    if (!lacks && !annexb_) return sample.data;
    made_ = (lacks ? sets_[init_] : std::string()) + std::string(sample.data);
    if (annexb_) made_ = annexb_of(parameters, made_);
    return made_;
  }
  // How much shorter the front is than the sound's first frame; 0 for pictures.
  std::int64_t padding() const {
    const bool sound = reader().parameters().codec_type == AVMEDIA_TYPE_AUDIO;
    return sound ? std::max<std::int64_t>(frame_samples_ - front().duration, 0) : 0;
  }
  Status pop() {
    ++at_;
    return at_ == samples_.size() ? fill() : Status();
  }

 private:
  // The parameter sets of each init segment, where they differ.
  Status find_headers(Container container) {
    for (const SegmentReader& each : readers_) {
      Result<std::string> sets = stored_parameter_sets(each.parameters());
      if (!sets.ok()) return sets.status();
      sets_.push_back(std::move(*sets));
    }
    const auto same = [&](const std::string& sets) { return sets == sets_.front(); };
    if (std::all_of(sets_.begin(), sets_.end(), same)) sets_.clear();
    // libavformat's own way to start codes puts the file's headers behind those that key frames bring along.
    annexb_ = headers_in_band() && container == Container::ts;
    return {};
  }

  Status fill() {
    at_ = 0;
    samples_.clear();
    if (next_ == track_.segments.size()) return {};
    init_ = track_.init_of.empty() ? 0 : track_.init_of[next_];
    const fs::path& path = track_.segments[next_++];
    Result<std::string> bytes = read_file(path);
    if (!bytes.ok()) return bytes.status();
    bytes_ = std::move(*bytes);
    Result<std::vector<SampleView>> samples = readers_[init_].samples(bytes_);
    if (!samples.ok()) return samples.status().under(path.native());
    samples_ = std::move(*samples);
    if (frame_samples_ == 0) frame_samples_ = samples_.front().duration;
    return {};
  }

  const JoinTrack& track_;
  std::vector<SegmentReader> readers_;  // as the track's inits
  std::vector<std::string> sets_;       // likewise; empty: all are the same
  bool annexb_ = false;
  std::string made_;
  std::size_t init_ = 0;  // of the segment in memory
  std::size_t next_ = 0;
  std::string bytes_;
  std::vector<SampleView> samples_;
  std::size_t at_ = 0;
  std::int64_t frame_samples_ = 0;  // of the first frame
};
using Queues = std::vector<std::unique_ptr<TrackQueue>>;

// The track as the muxer hears of it.
FileTrack file_track(const TrackQueue& queue, AVCodecParameters& parameters) {
  const JoinTrack& track = queue.track();
  FileTrack file;
  file.parameters = &parameters;
  file.time_base = queue.time_base();
  file.language = queue.reader().language();
  file.is_default = track.is_default;
  file.frame_rate = track.frame_rate;
  if (parameters.codec_type == AVMEDIA_TYPE_AUDIO) {
    // An init segment does not say it; without it the muxer warns.
    if (parameters.codec_id == AV_CODEC_ID_AAC) parameters.frame_size = 1024;
    file.priming_samples = static_cast<int>(queue.reader().shift());
  } else if (parameters.format == AV_PIX_FMT_NONE) {
    parameters.format = track.ten_bit ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
  }
  file.hdr = queue.reader().hdr();
  file.headers_in_band = queue.headers_in_band();
  return file;
}

Result<std::unique_ptr<FileMuxer>> open_muxer(const Queues& queues, Container container,
                                              const fs::path& target) {
  std::vector<ParametersPtr> parameters;
  std::vector<FileTrack> tracks;
  for (const auto& queue : queues) {
    parameters.emplace_back(avcodec_parameters_alloc());
    if (!parameters.back()) throw std::bad_alloc();
    if (const int error = avcodec_parameters_copy(parameters.back().get(), &queue->reader().parameters());
        error < 0)
      return av_status(error, target.native());
    tracks.push_back(file_track(*queue, *parameters.back()));
  }
  return FileMuxer::open(target, muxer_name(container), tracks, {});
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

// The last frame of a sound holds fewer samples than the others; containers without short packets (Matroska)
// mark how many a decoder shall throw away.
void mark_padding(AVPacket& packet, std::int64_t samples) {
  std::uint8_t* data = av_packet_new_side_data(&packet, AV_PKT_DATA_SKIP_SAMPLES, 10);
  if (data == nullptr) throw std::bad_alloc();
  std::memset(data, 0, 10);
  AV_WL32(data + 4, static_cast<std::uint32_t>(samples));
}

Status write_sample(FileMuxer& muxer, std::size_t track, TrackQueue& queue, AVPacket& packet) {
  const SampleView& sample = queue.front();
  const std::string_view data = queue.data();
  // Without a buffer of its own the packet's bytes stay the queue's; the muxer copies what it keeps.
  packet.data = reinterpret_cast<std::uint8_t*>(const_cast<char*>(data.data()));
  packet.size = static_cast<int>(data.size());
  packet.flags = sample.key ? AV_PKT_FLAG_KEY : 0;
  packet.pts = sample.pts;
  packet.dts = sample.dts;
  packet.duration = sample.duration;
  if (const std::int64_t padding = queue.padding(); padding > 0) mark_padding(packet, padding);
  return muxer.write(track, packet);
}

}  // namespace

Result<std::vector<WrittenTrack>> join_segments(const std::vector<JoinTrack>& tracks, Container container,
                                                const fs::path& target,
                                                const std::function<Status(double seconds)>& on_time) {
  Queues queues;
  for (const JoinTrack& track : tracks) {
    auto queue = TrackQueue::open(track, container);
    if (!queue.ok()) return queue.status();
    queues.push_back(std::move(*queue));
  }
  auto muxer = open_muxer(queues, container, target);
  if (!muxer.ok()) return muxer.status();
  const PacketPtr packet = make_packet();
  double told = 0;
  for (std::size_t next = earliest(queues); next < queues.size(); next = earliest(queues)) {
    const double seconds = static_cast<double>(queues[next]->front().dts) * av_q2d(queues[next]->time_base());
    if (seconds >= told + 1) {
      told = seconds;
      if (Status status = on_time(seconds); !status.ok()) return status;
    }
    if (Status status = write_sample(**muxer, next, *queues[next], *packet); !status.ok()) return status;
    if (Status status = queues[next]->pop(); !status.ok()) return status.under(target.native());
  }
  if (Status status = (*muxer)->finish(); !status.ok()) return status;
  return (*muxer)->written();
}

}  // namespace millrace::engine
