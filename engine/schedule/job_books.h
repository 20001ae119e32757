// JobBooks: what of a job is finished, what its tasks spent and what damage took, in memory and in the job's
// ledger together. Safe to call from any thread; what changes a track but commit(), for one track from one.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/package/publish.h"
#include "engine/pipeline/run_task.h"
#include "engine/schedule/run_job.h"
#include "engine/schedule/segment_book.h"
#include "engine/verify/receipt.h"

namespace millrace::engine {

class JobBooks {
 public:
  // `ledger` must outlive the books.
  explicit JobBooks(Ledger& ledger) : ledger_(ledger) {}

  // Takes over what the ledger has.
  Status open();
  // Empties the ledger.
  Status empty();

  Status commit(const FinishedSegment& segment);
  // Takes the segments of a track from an index on out, with its end, if there are any.
  Status drop_from(const std::string& track, std::int64_t first_index);
  // Adds to what damage took of these tracks: what is new, up to 100 sentences a track.
  Status note_lost(const std::vector<std::string>& tracks, const std::vector<std::string>& sentences);
  // A task has ended well: books what it spent and lost. internal when its tracks have other segments than it
  // says; of a range, whose neighbours may be there too, when they lack one from `first_segment` on.
  Status settle(const std::vector<std::string>& tracks, const TaskEnd& end,
                std::optional<std::int64_t> first_segment = std::nullopt);
  // A task goes on more carefully, and why: for the receipt.
  void note_step_down(const std::string& sentence);
  Status note_end(const std::string& track, std::int64_t end_segment);

  // As of SegmentBook.
  std::int64_t unbroken(const std::vector<std::string>& tracks) const;
  std::int64_t unbroken(const std::string& track) const { return unbroken(std::vector<std::string>{track}); }
  // How many segments each of the tracks has at least, with gaps or without. 0 of none.
  std::int64_t least(const std::vector<std::string>& tracks) const;
  // Of each track the indexes of its segments, as of one moment.
  std::vector<std::set<std::int64_t>> indexes(const std::vector<std::string>& tracks) const;
  bool all_whole(const std::vector<std::string>& tracks) const;
  Segments segments() const;
  // Of each track its segments up to the first one that is missing, as of one moment.
  std::vector<Segments> from_start(const std::vector<std::string>& tracks) const;

  Usage usage() const;  // but for the wall seconds
  Losses lost() const;

 private:
  Ledger& ledger_;
  mutable std::mutex mutex_;  // of all below
  SegmentBook book_;
  Usage usage_;
};

}  // namespace millrace::engine
