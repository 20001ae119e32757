#include "engine/package/publish.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "engine/base/file.h"
#include "engine/package/adaptive_set.h"
#include "engine/package/dash.h"
#include "engine/package/hls.h"
#include "engine/package/remux.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

// Players ask again and again while a track grows: a file that says the same stays untouched, with its date.
Status write_if_new(const fs::path& path, const std::string& text) {
  const Result<std::string> present = read_file(path);
  if (present.ok() && *present == text) return {};
  return write_file(path, text);
}

bool wants(const PlannedOutput& output, Package package) {
  return std::find(output.packages.begin(), output.packages.end(), package) != output.packages.end();
}

Status write_hls(const fs::path& folder, const std::vector<AdaptiveTrack>& tracks, std::int64_t target,
                 bool whole) {
  bool all_begun = true;
  for (const AdaptiveTrack& track : tracks) {
    if (track.segments.empty()) {
      all_begun = false;
      continue;
    }
    const std::string text = hls_media_playlist(track, target, whole);
    if (Status status = write_if_new(folder / track.folder / "playlist.m3u8", text); !status.ok())
      return status;
  }
  if (!all_begun || tracks.empty()) return {};
  return write_if_new(folder / "master.m3u8", hls_master_playlist(tracks, target));
}

// What write_file left aside when a process was killed. Called when nothing writes below `folder` any more.
Status remove_leftovers_below(const fs::path& folder) {
  std::vector<fs::path> leftovers;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error))
    if (entry->path().filename().native().find(".tmp") != std::string::npos)
      leftovers.push_back(entry->path());
  if (error) return errno_status(error.value(), "cannot list", folder.native());
  for (const fs::path& each : leftovers)
    if (Status status = remove_tree(each); !status.ok()) return status;
  return {};
}

Status track_files(const fs::path& output_folder, const std::string& track, const Segments& segments,
                   std::vector<RemuxTrack>& tracks, std::vector<std::int64_t>& frames) {
  const std::vector<FinishedSegment> run = run_from_start(track, segments);
  const auto committed =
      std::count_if(segments.begin(), segments.end(), [&](const auto& each) { return each.track == track; });
  if (static_cast<std::ptrdiff_t>(run.size()) != committed)
    return {Code::internal, fmt::format("{}: segment {} is missing", track,
                                        segment_file_name(static_cast<std::int64_t>(run.size())))};
  if (run.empty()) return {};
  RemuxTrack files;
  files.init = output_folder / track / "init.mp4";
  std::int64_t count = 0;
  for (const FinishedSegment& each : run) {
    files.segments.push_back(output_folder / each.file);
    count += each.frames;
  }
  tracks.push_back(std::move(files));
  frames.push_back(count);
  return {};
}

}  // namespace

Status write_adaptive(const fs::path& output_folder, const Plan& plan, const PlannedOutput& output,
                      const Segments& segments, bool whole) {
  const Result<std::vector<AdaptiveTrack>> tracks =
      adaptive_tracks(output_folder, plan, output, segments, whole);
  if (!tracks.ok()) return tracks.status().under(output.name);
  const fs::path folder = output_folder / output.path;
  const std::int64_t target = hls_target_seconds(plan.clock, *tracks);
  if (wants(output, Package::hls))
    if (Status status = write_hls(folder, *tracks, target, whole); !status.ok())
      return status.under(output.name);
  if (!whole) return {};
  if (wants(output, Package::dash) && !tracks->empty())
    if (Status status = write_if_new(folder / "manifest.mpd", dash_manifest(*tracks, target)); !status.ok())
      return status.under(output.name);
  return remove_leftovers_below(folder);
}

Status write_file_output(const fs::path& output_folder, const Plan& plan, const PlannedOutput& output,
                         const Segments& segments) {
  if (output.container != Container::mp4)
    return {Code::unsupported, fmt::format("{}: files of type {} are not built; use mp4", output.name,
                                           name_of(output.container))};
  std::vector<RemuxTrack> tracks;
  std::vector<std::int64_t> frames;  // that a decoder found in each track
  for (const std::string& track : output.renditions) {
    if (Status status = track_files(output_folder, track, segments, tracks, frames); !status.ok())
      return status;
  }
  const std::size_t pictures = tracks.size();
  if (pictures != output.renditions.size())
    return {Code::internal, fmt::format("{}: no segment of its pictures is finished", output.name)};
  for (const std::string& track : output.sounds) {
    if (Status status = track_files(output_folder, track, segments, tracks, frames); !status.ok())
      return status;
  }
  static_cast<void>(plan);

  const fs::path target = output_folder / output.path;
  const fs::path aside = target.native() + ".tmp";
  if (Status status = make_directories(target.parent_path()); !status.ok()) return status;
  const auto discard = [&](Status status) {
    static_cast<void>(remove_tree(aside));
    return status.under(output.name);
  };
  const Result<std::vector<std::int64_t>> written = remux_mp4(tracks, aside);
  if (!written.ok()) return discard(written.status());
  const Result<std::vector<std::int64_t>> found = count_frames(aside);
  if (!found.ok()) return discard(found.status());
  for (std::size_t at = 0; at < written->size(); ++at) {
    const std::int64_t wanted = at < pictures ? frames[at] : (*written)[at];
    if ((*written)[at] != wanted || at >= found->size() || (*found)[at] != wanted)
      return discard({Code::internal, fmt::format("track {}: {} frames are in the segments, {} in the file",
                                                  at, wanted, at < found->size() ? (*found)[at] : 0)});
  }
  if (Status status = publish_file(aside, target); !status.ok()) return discard(status);
  return {};
}

}  // namespace millrace::engine
