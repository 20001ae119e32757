// JobRunner does what run_job() promises, with what tests need to turn. One object for one run.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/pipeline/first_failure.h"
#include "engine/schedule/playlist_keeper.h"
#include "engine/schedule/publisher.h"
#include "engine/schedule/run_job.h"
#include "engine/schedule/run_progress.h"
#include "engine/schedule/segment_book.h"

namespace millrace::engine {

struct RunParts {
  WorkerPool& workers;
  const hw::Inventory& machine;
  Ledger& ledger;
  JobObserver& observer;
  const Publisher& publisher;
  std::chrono::milliseconds between_playlists{500};
  std::function<RunProgress::Time()> now = std::chrono::steady_clock::now;
};

class JobRunner {
 public:
  // Both must outlive the runner.
  JobRunner(const JobRun& run, const RunParts& parts);
  // Once.
  Result<nlohmann::ordered_json> run(std::stop_token stop);

 private:
  class Listener;  // of one task

  // The steps of a run, in their order.
  Status decide(
      std::stop_token stop);  // inspects; takes over the plan before, or makes one and starts with nothing
  Status take_stock();        // what the ledger has and the disk still has
  Status make_segments(std::stop_token stop);
  Status package(std::stop_token stop);
  Result<nlohmann::ordered_json> publish(std::stop_token stop);
  Result<nlohmann::ordered_json> finish(nlohmann::ordered_json receipt);

  // The receipt that a run before wrote as its last deed, without living to say so.
  std::optional<nlohmann::ordered_json> earlier_receipt() const;
  Status start_with_nothing();
  Status make_pictures(std::stop_token stop);
  Status make_sound(std::size_t sound, std::stop_token stop);
  // What is to be made of the pictures next.
  RangeTask next_range();
  // Takes the segments of a track from an index on out of the books, if there are any.
  Status drop_from(const std::string& track, std::int64_t first_index);
  void add_usage(const TaskEnd& end);
  // Books the end of tracks whose task ended well, after a look at what it brought.
  Status close(const std::vector<std::string>& tracks, const TaskEnd& end);
  bool all_whole(const std::vector<std::string>& tracks);

  Status segment_finished(const FinishedSegment& segment);
  void note_listable();  // with books_ held
  Status write_playlists();
  double seconds_before(std::int64_t segment) const;
  void enter(Phase phase);
  void tell(const std::function<void(RunProgress&)>& change);
  std::filesystem::path folder_of(const std::string& track) const { return run_.output_folder / track; }

  const JobRun& run_;
  const RunParts& parts_;
  Plan plan_;
  bool taken_over_ = false;  // the plan is that of the attempt before, and so are the segments
  std::vector<std::string> picture_tracks_;
  std::vector<std::string> sound_tracks_;

  std::mutex books_mutex_;
  SegmentBook book_;
  Usage usage_;
  PlaylistKeeper* keeper_ = nullptr;            // while segments are made
  std::int64_t listable_ = 0;                   // segments of all tracks that playlists may name
  std::int64_t begun_ = 0;                      // tracks that have some
  std::map<std::string, std::int64_t> listed_;  // most ever listed: a playlist may not lose a segment

  std::mutex progress_mutex_;
  RunProgress progress_;
};

}  // namespace millrace::engine
