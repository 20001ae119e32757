// GrowingPlaylists keeps the playlists of a job's adaptive outputs up to its books while segments are made,
// from a thread of its own. Safe to call from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "engine/schedule/job_books.h"
#include "engine/schedule/playlist_keeper.h"
#include "engine/schedule/publisher.h"
#include "engine/schedule/run_control.h"

namespace millrace::engine {

class GrowingPlaylists {
 public:
  // All of it outlives the playlists; of outputs that are left out none are written. The first failure ends
  // the writing and goes to `failed`.
  GrowingPlaylists(const std::filesystem::path& output_folder, const Plan& plan, const Publisher& publisher,
                   const JobBooks& books, const RunControl& control, std::chrono::milliseconds between,
                   std::function<void(const Status&)> failed);

  // Something was booked: what is new of it is written, at once when a track begins.
  void look();

 private:
  Status write();

  const std::filesystem::path& output_folder_;
  const Plan& plan_;
  const Publisher& publisher_;
  const JobBooks& books_;
  const RunControl& control_;
  const std::vector<std::string> tracks_;  // pictures, sounds, subtitles
  std::mutex mutex_;
  std::int64_t listable_ = 0;        // segments of all tracks that playlists may name
  std::int64_t begun_ = 0;           // tracks that have some
  std::vector<std::size_t> listed_;  // most ever listed, of each track; the keeper's thread alone
  PlaylistKeeper keeper_;
};

}  // namespace millrace::engine
