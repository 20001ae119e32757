#include "engine/pipeline/find_length.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/first_look.h"
#include "engine/pipeline/flv_end.h"

namespace millrace::engine {
namespace {

// A playlist's lengths are rounded, and its pictures and sounds do not end together.
constexpr double kPlaylistSlack = 0.5;  // seconds
// How much earlier than it ends an FLV's last tag may begin.
constexpr double kLongestTag = 1;  // seconds

bool is(MediaInput& input, std::string_view demuxer) {
  return std::string_view(input.format().iformat->name).find(demuxer) != std::string_view::npos;
}

// Those of the source's main tracks that lie in the input itself.
struct MainTracks {
  VideoTrack* video = nullptr;
  AudioTrack* audio = nullptr;

  int index() const { return video != nullptr ? video->index : audio != nullptr ? audio->index : -1; }
};

MainTracks main_tracks(Source& source) {
  MainTracks tracks;
  if (source.main_video() != nullptr)
    tracks.video = &source.video[static_cast<std::size_t>(source.chosen_video)];
  if (source.main_audio() != nullptr && source.main_audio()->url.empty())
    tracks.audio = &source.audio[static_cast<std::size_t>(source.chosen_audio)];
  return tracks;
}

template <class Track>
double start_of(const Track& track) {
  return static_cast<double>(track.first_pts) * track.time_base.as_double();
}

// Seconds of a track that were read; 0: none.
template <class Track>
double seconds_read(const MediaInput& input, const Track& track) {
  const auto end = input.end_of(track.index);
  return end ? static_cast<double>(*end) * track.time_base.as_double() - start_of(track) : 0;
}

// From the beginning of the main tracks to the furthest end that was read of them.
double seconds_read(const MediaInput& input, const MainTracks& tracks) {
  double seconds = 0;
  if (tracks.video != nullptr) seconds = std::max(seconds, seconds_read(input, *tracks.video));
  if (tracks.audio != nullptr) seconds = std::max(seconds, seconds_read(input, *tracks.audio));
  return seconds;
}

// What is damaged is found again by those who decode it.
class Unheard {
 public:
  explicit Unheard(MediaInput& input) : input_(input) { input_.accept_damage(damage_); }
  ~Unheard() {
    DamageLog none(false);
    input_.accept_damage(none);
  }
  Unheard(const Unheard&) = delete;
  Unheard& operator=(const Unheard&) = delete;

 private:
  MediaInput& input_;
  DamageLog damage_{true};
};

// From near the end where the index leads there, else from where the input is. `promised`: where the chosen
// stream ends by what the container says. False: the end lies further than may be read.
Result<bool> read_to_end(MediaInput& input, std::int64_t promised, const std::stop_token& stop) {
  const Unheard unheard(input);
  if (input.can_seek())
    if (Status status = input.seek_near_end(promised); !status.ok()) return status;
  const auto place = [&] { return avio_tell(input.format().pb); };
  const std::int64_t start = place();
  if (input.size_bytes() - start > kMostReadForLength) return false;
  while (place() - start <= kMostReadForLength) {
    if (stop.stop_requested()) return Status(Code::cancelled, "stopped on request");
    const auto packet = input.read();
    if (!packet.ok()) return packet.status();
    if (!*packet) return true;
  }
  return false;
}

// An MP4's tables say when each picture is decoded: none of them may begin at the track's promised end or
// behind it. Fragments have no such tables.
template <class Track>
bool is_borne_out_by_index(MediaInput& input, const Track& track) {
  AVStream& stream = *input.format().streams[track.index];
  int last = avformat_index_get_entries_count(&stream);
  if (stream.nb_frames <= 0 || last < stream.nb_frames) return false;
  while (last > 0 && (avformat_index_get_entry(&stream, last - 1)->flags & AVINDEX_DISCARD_FRAME) != 0)
    --last;
  if (last == 0) return false;
  const std::int64_t begins = avformat_index_get_entry(&stream, last - 1)->timestamp;
  return static_cast<double>(begins) * track.time_base.as_double() - start_of(track) < track.duration_seconds;
}

bool is_borne_out(MediaInput& input, const Source& source, const MainTracks& tracks) {
  if (is(input, "mov"))
    return (tracks.video == nullptr || is_borne_out_by_index(input, *tracks.video)) &&
           (tracks.audio == nullptr || is_borne_out_by_index(input, *tracks.audio));
  if (!is(input, "flv")) return false;
  const auto last = last_flv_time(*input.format().pb, input.size_bytes());
  return last && *last <= source.duration_seconds && *last + kLongestTag >= source.duration_seconds;
}

template <class Track>
void lengthen(const MediaInput& input, Track& track) {
  if (track.duration_seconds > 0)
    track.duration_seconds = std::max(track.duration_seconds, seconds_read(input, track));
}

}  // namespace

Status check_playlist(MediaInput& input, Source& source, const std::stop_token& stop) {
  if (!input.playlist() || !input.playlist()->exact) return {};
  MainTracks tracks = main_tracks(source);
  if (tracks.index() < 0) return {};
  auto end = MediaInput::open(source.url, stop, HlsExtent::end);
  const bool unreadable = !end.ok() && end.status().code() == Code::corrupt_input;
  if (!end.ok() && !unreadable) return end.status();
  if (unreadable || (*end)->format().nb_streams != input.format().nb_streams) {
    input.distrust_playlist();
    return {};
  }
  (*end)->choose(tracks.index());
  const auto whole = read_to_end(**end, 0, stop);
  if (!whole.ok()) return whole.status();
  const double found = seconds_read(**end, tracks);
  if (std::abs(found - input.playlist()->seconds) > kPlaylistSlack) input.distrust_playlist();
  source.duration_seconds = std::max(input.playlist()->seconds, found);
  return {};
}

Status find_length(MediaInput& input, Source& source, const std::stop_token& stop) {
  const MainTracks tracks = main_tracks(source);
  const bool read_already = tracks.video != nullptr && is_read_whole(input);
  const bool exact = input.playlist() && input.playlist()->exact;
  if (source.duration_seconds <= 0 || tracks.index() < 0 || read_already || exact) return {};
  if (is_borne_out(input, source, tracks)) return {};

  input.choose(tracks.index());
  AVStream& stream = input.chosen();
  const std::int64_t start = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  const auto promised = start + std::llround(source.duration_seconds / av_q2d(stream.time_base));
  const auto whole = read_to_end(input, promised, stop);
  if (!whole.ok()) return whole.status();
  source.length_promised = !*whole;
  for (VideoTrack& track : source.video) lengthen(input, track);
  for (AudioTrack& track : source.audio)
    if (track.url.empty()) lengthen(input, track);
  source.duration_seconds = std::max(source.duration_seconds, seconds_read(input, tracks));
  return {};
}

}  // namespace millrace::engine
