#include "engine/package/publish.h"

#include <algorithm>
#include <system_error>

#include "engine/base/file.h"
#include "engine/package/adaptive_set.h"
#include "engine/package/dash.h"
#include "engine/package/hls.h"
#include "engine/plan/job_times.h"

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

Status write_hls(const fs::path& folder, const AdaptiveSet& set, double subtitle_seconds, std::int64_t target,
                 bool whole) {
  bool all_begun = true;
  for (const AdaptiveTrack& track : set.tracks) {
    if (track.segments.empty()) {
      all_begun = false;
      continue;
    }
    const std::string text = hls_media_playlist(track, target, whole);
    if (Status status = write_if_new(folder / track.folder / "playlist.m3u8", text); !status.ok())
      return status;
  }
  for (const AdaptiveSubtitle& subtitle : set.subtitles) {
    const std::string text = hls_subtitle_playlist(subtitle_seconds);
    if (Status status = write_if_new(folder / subtitle.folder / "playlist.m3u8", text); !status.ok())
      return status;
  }
  if (!all_begun || set.tracks.empty()) return {};
  return write_if_new(folder / "master.m3u8", hls_master_playlist(set, target));
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

}  // namespace

Status write_adaptive(const fs::path& output_folder, const Plan& plan, const PlannedOutput& output,
                      const Segments& segments, bool whole) {
  Result<AdaptiveSet> set = adaptive_set(output_folder, plan, output, segments, whole);
  if (!set.ok()) return set.status().under(output.name);
  const fs::path folder = output_folder / output.path;
  const std::int64_t target = hls_target_seconds(plan.clock, set->tracks);
  // A playlist of subtitles says how long they last; where the source does not, that is known at the end.
  const double seconds = whole ? set->end_seconds() : media_seconds(plan);
  if (seconds <= 0) set->subtitles.clear();
  if (wants(output, Package::hls))
    if (Status status = write_hls(folder, *set, seconds, target, whole); !status.ok())
      return status.under(output.name);
  if (!whole) return {};
  if (wants(output, Package::dash) && !set->tracks.empty())
    if (Status status = write_if_new(folder / "manifest.mpd", dash_manifest(*set, target)); !status.ok())
      return status.under(output.name);
  return remove_leftovers_below(folder);
}

}  // namespace millrace::engine
