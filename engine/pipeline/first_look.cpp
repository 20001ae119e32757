#include "engine/pipeline/first_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/frame_clock.h"
#include "engine/pipeline/frame_rate_guess.h"
#include "engine/pipeline/picture_look.h"

namespace millrace::engine {
namespace {

constexpr std::size_t kTimestampsLookedAt = 300;

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

// No still in a film lasts half a day: its timestamps are damaged. `times` are sorted.
Status check_gaps(const std::vector<std::int64_t>& times, const VideoTrack& track, const std::string& path) {
  const double unit = track.time_base.as_double();
  for (std::size_t i = 1; i < times.size(); ++i) {
    const double gap = static_cast<double>(times[i] - times[i - 1]) * unit;
    if (gap <= static_cast<double>(FrameClock::kLongestStill) / kTicksPerSecond) continue;
    return Status(
        Code::corrupt_input,
        fmt::format("{}: at {:.3f} s: the next picture comes {:.0f} h later; remux or record the file "
                    "again so that timestamps rise evenly",
                    path, static_cast<double>(times[i - 1] - times[0]) * unit, gap / 3600));
  }
  return {};
}

// Reads the first packets of the chosen video track and decodes some of them.
class FirstLook {
 public:
  FirstLook(MediaInput& input, VideoTrack& track, DamageLog& damage, std::stop_token stop)
      : input_(input),
        track_(track),
        damage_(damage),
        stop_(std::move(stop)),
        spliced_(is_read_whole(input)),
        pictures_(track) {}

  Status run() {
    input_.choose(track_.index);
    const AVStream& stream = input_.chosen();
    const bool mov = std::string_view(input_.format().iformat->name).find("mov") != std::string_view::npos;
    if (mov && stream.nb_frames > 0) times_ = indexed_times(input_.chosen());
    have_times_ = times_.size() > 1;
    DecoderSettings settings;
    settings.parameters = stream.codecpar;
    settings.time_base = stream.time_base;
    settings.path = input_.path();
    settings.origin_pts = track_.first_pts;
    if (damage_.accepts())
      settings.on_damage = [this](const std::string& sentence) { damage_.add(sentence); };
    const auto backend = make_software_backend();
    auto decoder = backend->make_decoder(settings, pictures_);
    if (!decoder.ok()) return decoder.status().code() == Code::unsupported ? Status() : decoder.status();
    if (Status status = read(**decoder); !status.ok()) return status;
    pictures_.tell(track_);
    return tell_times();
  }

 private:
  Status read(Sink<PacketPtr>& decoder) {
    for (std::size_t count = 0; spliced_ || count < kTimestampsLookedAt; ++count) {
      if (!spliced_ && pictures_.enough() && (have_times_ || !input_.has_timestamps())) break;
      if (stop_.stop_requested()) return Status(Code::cancelled, "stopped on request");
      auto packet = input_.read();
      if (!packet.ok()) return packet.status();
      if (!*packet) return pictures_.enough() ? Status() : decoder.finish();
      const std::int64_t pts = (*packet)->pts;
      if (pts != AV_NOPTS_VALUE) last_pts_ = std::max(last_pts_, pts);
      if (!have_times_ && pts != AV_NOPTS_VALUE && count < kTimestampsLookedAt) times_.push_back(pts);
      if (pictures_.enough()) continue;
      if (Status status = decoder.push(std::move(*packet)); !status.ok()) return status;
    }
    return {};
  }

  Status tell_times() {
    if (!input_.has_timestamps()) return {};
    std::sort(times_.begin(), times_.end());
    if (Status status = check_gaps(times_, track_, input_.path()); !status.ok()) return status;
    pictures_.keep_whole_pictures(times_);
    const FrameRateGuess guess = guess_frame_rate(std::move(times_), track_.time_base, track_.frame_rate);
    track_.frame_rate = guess.rate;
    track_.variable_frame_rate = guess.variable;
    if (spliced_ && last_pts_ > track_.first_pts)
      track_.duration_seconds =
          static_cast<double>(last_pts_ - track_.first_pts) * track_.time_base.as_double() +
          (guess.rate.known() ? 1 / guess.rate.as_double() : 0);
    return {};
  }

  MediaInput& input_;
  VideoTrack& track_;
  DamageLog& damage_;
  const std::stop_token stop_;
  const bool spliced_;  // may be: it is read whole
  PictureLook pictures_;
  std::vector<std::int64_t> times_;
  bool have_times_ = false;  // from the index
  std::int64_t last_pts_ = INT64_MIN;
};

}  // namespace

// Playlists may say how long they are.
bool is_read_whole(const MediaInput& input) {
  return input.timestamps_may_jump() && input.size_bytes() <= kMostReadForLength &&
         !(input.playlist() && input.playlist()->exact);
}

Status look_at_pictures(MediaInput& input, VideoTrack& track, DamageLog& damage, std::stop_token stop) {
  return FirstLook(input, track, damage, std::move(stop)).run();
}

}  // namespace millrace::engine
