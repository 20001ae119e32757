#include "engine/pipeline/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/frame_rate_guess.h"
#include "engine/pipeline/media_input.h"
#include "engine/pipeline/track_facts.h"

namespace millrace::engine {
namespace {

constexpr int kFramesLookedAt = 6;
constexpr std::size_t kTimestampsLookedAt = 300;

// What the first frames show that headers leave open.
class FirstFrames final : public Sink<FramePtr> {
 public:
  Status push(FramePtr frame) override {
    if (enough()) return {};
    if (frame->best_effort_timestamp != AV_NOPTS_VALUE) times_.push_back(frame->best_effort_timestamp);
    ++count_;
    if (is_interlaced(*frame)) {
      ++interlaced_;
      top_first_ = has_top_field_first(*frame);
    }
    return {};
  }
  Status finish() override { return {}; }

  bool enough() const { return count_ >= kFramesLookedAt; }

  // Takes every second of `packet_times` away (sorted) when a packet holds one field of a picture, not the
  // whole.
  void keep_whole_pictures(std::vector<std::int64_t>& packet_times) const {
    if (interlaced_ == 0 || times_.size() < 3 || packet_times.size() < 2 * times_.size()) return;
    const auto first = std::find(packet_times.begin(), packet_times.end(), times_[0]);
    if (packet_times.end() - first < 5 || first[2] != times_[1] || first[4] != times_[2]) return;
    std::vector<std::int64_t> pictures;
    for (auto each = first; each < packet_times.end();
         each += std::min<std::ptrdiff_t>(2, packet_times.end() - each))
      pictures.push_back(*each);
    packet_times = std::move(pictures);
  }
  void tell(VideoTrack& track, bool container_is_silent) const {
    if (count_ == 0) return;
    if (!times_.empty()) track.first_pts = times_.front();
    if (container_is_silent) track.interlaced = 2 * interlaced_ > count_;
    if (track.interlaced && interlaced_ > 0) track.top_field_first = top_first_;
  }

 private:
  int count_ = 0;
  int interlaced_ = 0;
  bool top_first_ = true;
  std::vector<std::int64_t> times_;
};

// Decode times of the whole stream from the container's index, where it has one before anything is read.
std::vector<std::int64_t> indexed_times(AVStream& stream) {
  std::vector<std::int64_t> times;
  const int entries = avformat_index_get_entries_count(&stream);
  if (entries < stream.nb_frames) return times;  // fragmented, or an index of key frames only
  times.reserve(static_cast<std::size_t>(entries));
  for (int i = 0; i < entries; ++i) {
    const AVIndexEntry* entry = avformat_index_get_entry(&stream, i);
    if ((entry->flags & AVINDEX_DISCARD_FRAME) == 0) times.push_back(entry->timestamp);
  }
  return times;
}

// Reads the first packets of the chosen video track and decodes some of them.
Status look_at_frames(MediaInput& input, VideoTrack& track, std::stop_token stop) {
  input.choose(track.index);
  AVStream& stream = input.chosen();
  const bool mov = std::string_view(input.format().iformat->name).find("mov") != std::string_view::npos;
  std::vector<std::int64_t> times =
      mov && stream.nb_frames > 0 ? indexed_times(stream) : std::vector<std::int64_t>();
  const bool have_times = times.size() > 1;

  FirstFrames frames;
  DecoderSettings settings;
  settings.parameters = stream.codecpar;
  settings.time_base = stream.time_base;
  settings.path = input.path();
  settings.origin_pts = track.first_pts;
  const auto backend = make_software_backend();
  auto decoder = backend->make_decoder(settings, frames);
  if (!decoder.ok()) return decoder.status().code() == Code::unsupported ? Status() : decoder.status();
  for (std::size_t read = 0; read < kTimestampsLookedAt; ++read) {
    if (frames.enough() && (have_times || !input.has_timestamps())) break;
    if (stop.stop_requested()) return Status(Code::cancelled, "stopped on request");
    auto packet = input.read();
    if (!packet.ok()) return packet.status();
    if (!*packet) {
      if (!frames.enough())
        if (Status status = (*decoder)->finish(); !status.ok()) return status;
      break;
    }
    if (!have_times && (*packet)->pts != AV_NOPTS_VALUE) times.push_back((*packet)->pts);
    if (frames.enough()) continue;
    if (Status status = (*decoder)->push(std::move(*packet)); !status.ok()) return status;
  }
  frames.tell(track, stream.codecpar->field_order == AV_FIELD_UNKNOWN);
  if (input.has_timestamps()) {
    std::sort(times.begin(), times.end());
    frames.keep_whole_pictures(times);
    const FrameRateGuess guess = guess_frame_rate(std::move(times), track.time_base, track.frame_rate);
    track.frame_rate = guess.rate;
    track.variable_frame_rate = guess.variable;
  }
  return {};
}

// x264 says its version once, in the stream's first packet, and for 4:4:4 decoders need it: older ones coded
// that wrong.
bool decodes_from_any_key(const VideoTrack& track) {
  return track.codec != "h264" || track.pixel_format.find("444") == std::string::npos;
}

// The default track, else the first that may be chosen; -1 when there is none.
template <class Track, class Choosable>
int choice(const std::vector<Track>& tracks, Choosable choosable) {
  int first = -1;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (!choosable(tracks[i])) continue;
    if (tracks[i].is_default) return static_cast<int>(i);
    if (first < 0) first = static_cast<int>(i);
  }
  return first;
}

void add_tracks(const AVFormatContext& format, Source& source) {
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    const AVStream& stream = *format.streams[i];
    switch (stream.codecpar->codec_type) {
      case AVMEDIA_TYPE_VIDEO:
        source.video.push_back(video_facts(stream));
        break;
      case AVMEDIA_TYPE_AUDIO:
        source.audio.push_back(audio_facts(stream));
        break;
      default:
        source.other.push_back(other_facts(stream));
    }
  }
}

// The longer of the chosen tracks; what the container says as a whole when these say nothing.
double duration_of(const AVFormatContext& format, const Source& source) {
  double longest = 0;
  if (source.main_video() != nullptr) longest = std::max(longest, source.main_video()->duration_seconds);
  if (source.main_audio() != nullptr) longest = std::max(longest, source.main_audio()->duration_seconds);
  if (longest > 0) return longest;
  const bool guessed = format.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE;
  return guessed || format.duration <= 0 ? 0 : static_cast<double>(format.duration) / AV_TIME_BASE;
}

}  // namespace

Result<Source> inspect(const std::string& url, std::stop_token stop) {
  auto opened = MediaInput::open(url, stop);
  if (!opened.ok()) return opened.status();
  MediaInput& input = **opened;
  if (Status status = input.check_index(); !status.ok()) return status;

  Source source;
  source.url = url;
  source.container = input.format().iformat->name;
  source.size_bytes = input.size_bytes();
  source.can_seek = input.can_seek();
  add_tracks(input.format(), source);
  source.chosen_video = choice(source.video, [](const VideoTrack& track) { return !track.attached_picture; });
  source.chosen_audio = choice(source.audio, [](const AudioTrack& track) { return track.sample_rate > 0; });
  if (source.chosen_video < 0 && source.chosen_audio < 0)
    return Status(Code::unsupported, input.path() + ": it has no picture and no sound");
  if (source.chosen_video >= 0) {
    VideoTrack& video = source.video[static_cast<std::size_t>(source.chosen_video)];
    if (Status status = look_at_frames(input, video, stop); !status.ok()) return status;
    source.can_seek = source.can_seek && decodes_from_any_key(video);
    const double start = static_cast<double>(video.first_pts) * video.time_base.as_double();
    for (AudioTrack& audio : source.audio)
      audio.start_seconds = static_cast<double>(audio.first_pts) * audio.time_base.as_double() - start;
  }
  source.duration_seconds = duration_of(input.format(), source);
  return source;
}

}  // namespace millrace::engine
