#include "engine/package/adaptive_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/file.h"
#include "engine/package/codec_string.h"
#include "engine/package/segment_reader.h"
#include "engine/plan/language.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

bool uses(const std::vector<std::string>& folders, const std::string& folder) {
  return std::find(folders.begin(), folders.end(), folder) != folders.end();
}

// The rates that come out: the planned one, else the source's, neither above the limit. How fast a source of
// a variable rate ever gets, only a limit says.
void set_frame_rates(const Plan& plan, const PlannedRendition& rendition, AdaptiveTrack& track) {
  const VideoTrack* video = plan.source.main_video();
  Rational rate = rendition.frame_rate;
  if (!rate.known() && video != nullptr) rate = video->frame_rate;
  const Rational& limit = rendition.max_frame_rate;
  const bool limited = limit.known() && (!rate.known() || limit < rate);
  track.frame_rate = limited ? limit : rate;
  track.highest_frame_rate = video != nullptr && video->variable_frame_rate ? limit : track.frame_rate;
}

VideoRange range_of(const Plan& plan, const PlannedRendition& rendition) {
  const VideoTrack* video = plan.source.main_video();
  if (!rendition.ten_bit || video == nullptr) return VideoRange::sdr;
  if (video->color_transfer == "smpte2084") return VideoRange::pq;
  return video->color_transfer == "arib-std-b67" ? VideoRange::hlg : VideoRange::sdr;
}

// The encoder that writes captions into its pictures is x264's (ATSC A/53 in its SEI messages).
bool carries_captions(const Plan& plan, const PlannedRendition& rendition) {
  const VideoTrack* video = plan.source.main_video();
  return video != nullptr && video->closed_captions && rendition.codec == VideoCodec::h264;
}

AdaptiveTrack track_of(const PlannedOutput& output, const std::string& folder) {
  AdaptiveTrack track;
  track.id = fs::path(folder).filename().string();
  track.folder = fs::path(folder).lexically_relative(output.path).generic_string();
  return track;
}

// What the init segments say, and the segments so far.
Status fill(const fs::path& output_folder, const std::string& folder, const Segments& segments, bool whole,
            AdaptiveTrack& track) {
  track.segments = run_from_start(folder, segments);
  const auto committed =
      std::count_if(segments.begin(), segments.end(), [&](const auto& each) { return each.track == folder; });
  const auto run = static_cast<std::ptrdiff_t>(track.segments.size());
  if (whole && run != committed)
    return {Code::internal, fmt::format("{}: segment {} is missing", folder, segment_file_name(run))};
  if (track.segments.empty()) return {};
  for (const int headers : headers_of(track.segments)) {
    const Result<std::string> init = read_file(output_folder / folder / init_file_name(headers));
    if (!init.ok()) return init.status();
    const Result<SegmentReader> reader = SegmentReader::open(*init);
    if (!reader.ok()) return reader.status().under(folder);
    const Result<std::string> codecs = codec_string(reader->parameters());
    if (!codecs.ok()) return codecs.status().under(folder);
    track.codecs_by_headers[headers] = *codecs;
    track.codecs = track.codecs.empty() ? *codecs : covering_codecs(track.codecs, *codecs);
  }
  return {};
}

}  // namespace

std::vector<FinishedSegment> run_from_start(const std::string& track, const Segments& segments) {
  std::vector<FinishedSegment> run;
  for (const FinishedSegment& each : segments)
    if (each.track == track) run.push_back(each);
  std::sort(run.begin(), run.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  std::int64_t next = 0;
  const auto end =
      std::find_if(run.begin(), run.end(), [&](const auto& each) { return each.index != next++; });
  run.erase(end, run.end());
  return run;
}

namespace {

Status add_renditions(const fs::path& output_folder, const Plan& plan, const PlannedOutput& output,
                      const Segments& segments, bool whole, std::vector<AdaptiveTrack>& tracks) {
  for (const PlannedRendition& rendition : plan.renditions) {
    if (!uses(output.renditions, rendition.folder)) continue;
    AdaptiveTrack track = track_of(output, rendition.folder);
    track.width = rendition.width;
    track.height = rendition.height;
    set_frame_rates(plan, rendition, track);
    track.range = range_of(plan, rendition);
    track.closed_captions = carries_captions(plan, rendition);
    track.planned_bits_per_second = rendition.bits_per_second;
    if (Status status = fill(output_folder, rendition.folder, segments, whole, track); !status.ok())
      return status;
    if (whole && track.segments.empty())
      return Status(Code::internal, fmt::format("{}: no segment is finished", rendition.folder));
    if (!tracks.empty() && whole && track.segments.size() != tracks.front().segments.size())
      return Status(Code::internal,
                    fmt::format("{}: {} segments, {} has {}", rendition.folder, track.segments.size(),
                                tracks.front().id, tracks.front().segments.size()));
    tracks.push_back(std::move(track));
  }
  return {};
}

Status add_sounds(const fs::path& output_folder, const Plan& plan, const PlannedOutput& output,
                  const Segments& segments, bool whole, std::vector<AdaptiveTrack>& tracks) {
  for (const PlannedSound& sound : plan.sounds) {
    if (!uses(output.sounds, sound.folder)) continue;
    AdaptiveTrack track = track_of(output, sound.folder);
    track.sound = true;
    track.channels = sound.channels;
    track.sample_rate = sound.sample_rate;
    track.language = language_tag(sound.language);
    track.label = language_name(sound.language);
    track.source_track = sound.source_track;
    track.is_default = sound.is_default;
    track.planned_bits_per_second = sound.bits_per_second;
    if (Status status = fill(output_folder, sound.folder, segments, whole, track); !status.ok())
      return status;
    if (!whole || !track.segments.empty()) tracks.push_back(std::move(track));
  }
  return {};
}

Status add_subtitles(const Plan& plan, const PlannedOutput& output, const Segments& segments, bool whole,
                     std::vector<AdaptiveSubtitle>& subtitles) {
  for (const PlannedSubtitle& planned : plan.subtitles) {
    if (!uses(output.subtitles, planned.folder)) continue;
    const auto made = std::find_if(segments.begin(), segments.end(),
                                   [&](const auto& each) { return each.track == planned.folder; });
    if (made == segments.end()) {
      if (whole) return {Code::internal, fmt::format("{}: its subtitles are missing", planned.folder)};
      continue;
    }
    AdaptiveSubtitle subtitle;
    subtitle.id = fs::path(planned.folder).filename().string();
    subtitle.folder = fs::path(planned.folder).lexically_relative(output.path).generic_string();
    subtitle.label = planned.name;
    subtitle.language = language_tag(planned.language);
    subtitle.is_default = planned.is_default;
    subtitle.forced = planned.forced;
    subtitle.bytes = made->bytes;
    subtitles.push_back(std::move(subtitle));
  }
  return {};
}

}  // namespace

Result<AdaptiveSet> adaptive_set(const fs::path& output_folder, const Plan& plan, const PlannedOutput& output,
                                 const Segments& segments, bool whole) {
  AdaptiveSet set;
  Status status = add_renditions(output_folder, plan, output, segments, whole, set.tracks);
  if (status.ok()) status = add_sounds(output_folder, plan, output, segments, whole, set.tracks);
  if (status.ok()) status = add_subtitles(plan, output, segments, whole, set.subtitles);
  if (!status.ok()) return status;
  return set;
}

}  // namespace millrace::engine
