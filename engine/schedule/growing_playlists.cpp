#include "engine/schedule/growing_playlists.h"

#include <set>
#include <utility>

namespace millrace::engine {
namespace {

std::vector<std::string> tracks_of(const Plan& plan) {
  std::vector<std::string> tracks;
  for (const PlannedRendition& each : plan.renditions) tracks.push_back(each.folder);
  for (const PlannedSound& each : plan.sounds) tracks.push_back(each.folder);
  for (const PlannedSubtitle& each : plan.subtitles) tracks.push_back(each.folder);
  return tracks;
}

std::vector<std::size_t> sizes_of(const std::vector<Segments>& tracks) {
  std::vector<std::size_t> sizes;
  for (const Segments& each : tracks) sizes.push_back(each.size());
  return sizes;
}

}  // namespace

GrowingPlaylists::GrowingPlaylists(const std::filesystem::path& output_folder, const Plan& plan,
                                   const Publisher& publisher, const JobBooks& books,
                                   const RunControl& control, std::chrono::milliseconds between,
                                   std::function<void(const Status&)> failed)
    : output_folder_(output_folder),
      plan_(plan),
      publisher_(publisher),
      books_(books),
      control_(control),
      tracks_(tracks_of(plan)),
      listed_(sizes_of(books.from_start(tracks_))),
      keeper_(
          between, [this] { return write(); }, std::move(failed)) {
  look();
}

void GrowingPlaylists::look() {
  const std::lock_guard lock(mutex_);
  std::int64_t segments = 0;
  std::int64_t begun = 0;
  for (const std::string& track : tracks_) {
    const std::int64_t unbroken = books_.unbroken(track);
    segments += unbroken;
    begun += unbroken > 0 ? 1 : 0;
  }
  const bool grew = segments > listable_;
  const bool a_track_begins = begun > begun_;
  listable_ = segments;
  begun_ = begun;
  if (grew) keeper_.changed(a_track_begins);
}

Status GrowingPlaylists::write() {
  const std::vector<Segments> tracks = books_.from_start(tracks_);
  const std::vector<std::size_t> sizes = sizes_of(tracks);
  Segments listed;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    // While a track is made again, what was listed of it stays listed.
    if (sizes[i] < listed_[i]) return {};
    listed.insert(listed.end(), tracks[i].begin(), tracks[i].end());
  }
  listed_ = sizes;
  const std::set<std::string> left_out = control_.left_out();
  for (const PlannedOutput& output : plan_.outputs)
    if (output.type == PlannedOutput::Type::adaptive && !left_out.contains(output.name))
      if (Status s = publisher_.adaptive(output_folder_, plan_, output, listed, false); !s.ok()) return s;
  return {};
}

}  // namespace millrace::engine
