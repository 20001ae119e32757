#include "engine/package/adaptive_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/file.h"
#include "engine/package/codec_string.h"
#include "engine/package/segment_reader.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

// The rate that comes out: the planned one, else the source's, neither above the limit.
Rational frame_rate_of(const Plan& plan, const PlannedRendition& rendition) {
  Rational rate = rendition.frame_rate;
  if (!rate.known() && plan.source.main_video() != nullptr) rate = plan.source.main_video()->frame_rate;
  const Rational& limit = rendition.max_frame_rate;
  return rate.known() && limit.known() && limit < rate ? limit : rate;
}

AdaptiveTrack track_of(const PlannedOutput& output, const std::string& folder) {
  AdaptiveTrack track;
  track.id = fs::path(folder).filename().string();
  track.folder = fs::path(folder).lexically_relative(output.path).generic_string();
  return track;
}

// What the init segment says, and the segments so far.
Status fill(const fs::path& output_folder, const std::string& folder, const Segments& segments, bool whole,
            AdaptiveTrack& track) {
  track.segments = run_from_start(folder, segments);
  const auto committed =
      std::count_if(segments.begin(), segments.end(), [&](const auto& each) { return each.track == folder; });
  const auto run = static_cast<std::ptrdiff_t>(track.segments.size());
  if (whole && run != committed)
    return {Code::internal, fmt::format("{}: segment {} is missing", folder, segment_file_name(run))};
  if (track.segments.empty()) return {};
  const Result<std::string> init = read_file(output_folder / folder / "init.mp4");
  if (!init.ok()) return init.status();
  const Result<SegmentReader> reader = SegmentReader::open(*init);
  if (!reader.ok()) return reader.status().under(folder);
  Result<std::string> codecs = codec_string(reader->parameters());
  if (!codecs.ok()) return codecs.status().under(folder);
  track.codecs = *codecs;
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

Result<std::vector<AdaptiveTrack>> adaptive_tracks(const fs::path& output_folder, const Plan& plan,
                                                   const PlannedOutput& output, const Segments& segments,
                                                   bool whole) {
  std::vector<AdaptiveTrack> tracks;
  for (const PlannedRendition& rendition : plan.renditions) {
    if (std::find(output.renditions.begin(), output.renditions.end(), rendition.folder) ==
        output.renditions.end())
      continue;
    AdaptiveTrack track = track_of(output, rendition.folder);
    track.width = rendition.width;
    track.height = rendition.height;
    track.frame_rate = frame_rate_of(plan, rendition);
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
  for (const PlannedSound& sound : plan.sounds) {
    if (std::find(output.sounds.begin(), output.sounds.end(), sound.folder) == output.sounds.end()) continue;
    AdaptiveTrack track = track_of(output, sound.folder);
    track.sound = true;
    track.channels = sound.channels;
    track.sample_rate = sound.sample_rate;
    track.language = language_tag(sound.language);
    track.planned_bits_per_second = sound.bits_per_second;
    if (Status status = fill(output_folder, sound.folder, segments, whole, track); !status.ok())
      return status;
    if (!whole || !track.segments.empty()) tracks.push_back(std::move(track));
  }
  return tracks;
}

}  // namespace millrace::engine
