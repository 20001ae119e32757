#include "engine/pipeline/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/find_length.h"
#include "engine/pipeline/first_look.h"
#include "engine/pipeline/inspect_slides.h"
#include "engine/pipeline/media_input.h"
#include "engine/pipeline/track_facts.h"

namespace millrace::engine {
namespace {

// Headers that promise more than this are damaged.
constexpr double kLongestSeconds = 1000 * 3600.0;

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

// A sound of which the container and the first packets say what it is.
bool is_known(const AudioTrack& track) { return track.sample_rate > 0 && track.channels > 0; }

// Sound of another programme than the picture's belongs to another film (transport streams).
bool share_programme(AVFormatContext& format, int one, int other) {
  bool in_one = false;
  for (AVProgram* programme = nullptr; (programme = av_find_program_from_stream(&format, programme, one));) {
    in_one = true;
    const auto* end = programme->stream_index + programme->nb_stream_indexes;
    if (std::find(static_cast<const unsigned*>(programme->stream_index), end, static_cast<unsigned>(other)) !=
        end)
      return true;
  }
  return !in_one;
}

void choose_tracks(AVFormatContext& format, Source& source) {
  source.chosen_video = choice(source.video, [](const VideoTrack& track) {
    return !track.attached_picture && track.width > 0 && track.height > 0;
  });
  if (source.chosen_video < 0)  // the planner says what it lacks
    source.chosen_video =
        choice(source.video, [](const VideoTrack& track) { return !track.attached_picture; });
  const VideoTrack* video = source.main_video();
  source.chosen_audio = choice(source.audio, [&](const AudioTrack& track) {
    return is_known(track) &&
           (video == nullptr || !track.url.empty() || share_programme(format, video->index, track.index));
  });
  if (source.chosen_audio < 0) source.chosen_audio = choice(source.audio, is_known);
}

// Sounds that a playlist keeps in playlists of their own.
Status add_sounds_elsewhere(const MediaInput& input, Source& source, const std::stop_token& stop) {
  if (!input.playlist()) return {};
  for (const SoundElsewhere& each : input.playlist()->sounds) {
    auto opened = MediaInput::open(each.url, stop);
    if (!opened.ok()) return opened.status();
    const AVFormatContext& format = (*opened)->format();
    for (unsigned i = 0; i < format.nb_streams; ++i) {
      if (format.streams[i]->codecpar->codec_type != AVMEDIA_TYPE_AUDIO) continue;
      AudioTrack track = audio_facts(*format.streams[i]);
      track.url = each.url;
      track.same_clock = true;
      track.is_default = each.is_default;
      if (track.language.empty()) track.language = each.language.substr(0, each.language.find('-'));
      source.audio.push_back(std::move(track));
      break;
    }
  }
  return {};
}

// A length that cannot be is one that is not known.
void forget_lengths(Source& source) {
  source.duration_seconds = 0;
  for (VideoTrack& track : source.video) track.duration_seconds = 0;
  for (AudioTrack& track : source.audio) track.duration_seconds = 0;
}

// The longer of the chosen tracks; what the container says as a whole when these say nothing. `playlist`:
// what that says.
double duration_of(MediaInput& input, const Source& source, double playlist) {
  double longest = 0;
  if (source.main_video() != nullptr) longest = std::max(longest, source.main_video()->duration_seconds);
  if (source.main_audio() != nullptr) longest = std::max(longest, source.main_audio()->duration_seconds);
  if (longest > 0) return longest;
  if (input.playlist()) return playlist;
  const AVFormatContext& format = input.format();
  const bool guessed = format.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE;
  return guessed || format.duration <= 0 ? 0 : static_cast<double>(format.duration) / AV_TIME_BASE;
}

// A segment's demuxer knows no length but that of what it has read.
Status take_playlist(MediaInput& input, Source& source, const std::stop_token& stop) {
  forget_lengths(source);
  source.duration_seconds = input.playlist()->seconds;
  return check_playlist(input, source, stop);
}

// What a file that is cut short still holds of each track.
void shorten(const MediaInput& input, Source& source) {
  const auto cut = [&](auto& track) {
    const auto seconds = input.seconds_in_file(track.index);
    if (seconds) track.duration_seconds = std::min(track.duration_seconds, *seconds);
  };
  for (VideoTrack& track : source.video) cut(track);
  for (AudioTrack& track : source.audio) cut(track);
}

void tell_jumps(const MediaInput& input, Source& source) {
  if (input.jumps().empty()) return;
  const VideoTrack& video = *source.main_video();
  const double start = static_cast<double>(video.first_pts) * video.time_base.as_double();
  constexpr std::size_t kTold = 20;
  for (std::size_t i = 0; i < std::min(input.jumps().size(), kTold); ++i) {
    const Timeline::Jump& jump = input.jumps()[i];
    source.repairs.push_back(
        fmt::format("timestamps jump by {:+.3f} s at {:.3f} s; what follows is joined on",
                    static_cast<double>(jump.by) / kTicksPerSecond,
                    static_cast<double>(jump.at) / kTicksPerSecond - start));
  }
  if (input.jumps().size() > kTold)
    source.repairs.push_back(fmt::format("timestamps jump {} times in all", input.jumps().size()));
  // Their ends are told in timestamps as they are.
  for (AudioTrack& audio : source.audio) audio.duration_seconds = 0;
}

Status look_at_picture(MediaInput& input, Source& source, DamageLog& damage, std::stop_token stop) {
  VideoTrack& video = source.video[static_cast<std::size_t>(source.chosen_video)];
  if (std::int64_t{video.width} * video.height > kMostPixels)
    return Status(
        Code::unsupported,
        fmt::format("{}: a picture of {}x{} is larger than this reads (at most {} megapixels); scale it "
                    "down first",
                    input.path(), video.width, video.height, kMostPixels / 1'048'576));
  if (Status status = look_at_pictures(input, video, damage, std::move(stop)); !status.ok()) return status;
  tell_jumps(input, source);
  source.can_seek = source.can_seek && decodes_from_any_key(video);
  const double start = static_cast<double>(video.first_pts) * video.time_base.as_double();
  for (AudioTrack& audio : source.audio)
    audio.start_seconds = static_cast<double>(audio.first_pts) * audio.time_base.as_double() - start;
  return {};
}

}  // namespace

Result<Source> inspect(const std::string& url, std::stop_token stop, bool accept_damage) {
  if (is_slides_url(url)) {
    Result<SlideShow> show = slides_of_url(url);
    return show.ok() ? inspect_slides(std::move(show).value(), std::move(stop), accept_damage)
                     : show.status();
  }
  auto opened = MediaInput::open(url, stop);
  if (!opened.ok()) return opened.status();
  MediaInput& input = **opened;
  DamageLog damage(accept_damage);
  input.accept_damage(damage);
  if (Status status = input.check_index(); !status.ok()) return status;

  Source source;
  source.url = url;
  source.container = input.format().iformat->name;
  if (input.playlist()) source.container = "hls," + source.container;
  source.size_bytes = input.size_bytes();
  source.can_seek = input.can_seek();
  add_tracks(input.format(), source);
  shorten(input, source);
  if (Status status = add_sounds_elsewhere(input, source, stop); !status.ok()) return status;
  choose_tracks(input.format(), source);
  if (input.playlist())
    if (Status status = take_playlist(input, source, stop); !status.ok()) return status;
  if (source.chosen_video < 0 && source.chosen_audio < 0)
    return Status(Code::unsupported, input.path() + ": it has no picture and no sound");
  if (source.chosen_video >= 0)
    if (Status status = look_at_picture(input, source, damage, stop); !status.ok()) return status;
  source.duration_seconds = duration_of(input, source, source.duration_seconds);
  if (source.duration_seconds > kLongestSeconds) {
    const std::string what =
        fmt::format("its header promises {:.0f} h, which cannot be", source.duration_seconds / 3600);
    if (!accept_damage)
      return Status(Code::corrupt_input,
                    fmt::format("{}: {}; remux or record the file again", input.path(), what));
    damage.add(what);
    forget_lengths(source);
  }
  if (Status status = find_length(input, source, stop); !status.ok()) return status;
  source.damage = damage.sentences();
  return source;
}

}  // namespace millrace::engine
