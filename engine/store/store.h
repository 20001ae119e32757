// Store: everything that outlives the process, in one RocksDB. Safe to call from any thread. Every change is
// synced to disk before the call returns; a change of a job and its event are one batch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job.h"
#include "engine/plan/segment.h"

namespace millrace::engine {

// One numbered piece of news, for server-sent events. Numbers grow over all jobs, without being reused.
struct Event {
  std::uint64_t number = 0;
  std::string job_id;
  std::string type;  // "queued", "started", "plan", "segment", "progress", "retry", "completed", "failed",
                     // "cancelled", "deleted"
  std::string data;  // JSON
};

struct JobFilter {
  std::optional<JobState> state;
  std::string tag;     // "key=value"; empty: any
  std::string cursor;  // from the page before; empty: the newest
  int limit = 50;
};
// A job that waits for its turn.
struct QueuedJob {
  std::string id;
  int priority = 0;
};
struct JobPage {
  std::vector<Job> jobs;  // newest first; without plan and receipt
  std::string next;       // empty: this was the last page
};

// A copy of a store in a backup folder.
struct StoreCopy {
  std::uint32_t number = 0;  // grows from 1 in a backup folder
  std::int64_t made = 0;     // milliseconds since 1970 UTC
  std::int64_t bytes = 0;    // of this copy alone, were it the only one
};

class Store {
 public:
  // Opens or makes the store, and brings an older schema forward. A store that another daemon holds is
  // already_exists with the folder's name; a newer schema is unsupported.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder);
  virtual ~Store() = default;

  // A new job with its event. With a non-empty idempotency key: the job made before with the same key and
  // body is returned instead (`created` false); the same key with another body is already_exists. Keys are
  // kept for 24 h.
  struct Submitted {
    Job job;
    bool created = true;
  };
  virtual Result<Submitted> submit(const Job& job, const std::string& idempotency_key,
                                   const std::string& body_digest) = 0;

  virtual Result<Job> get(const std::string& id) = 0;  // not_found
  virtual Result<JobPage> list(const JobFilter& filter) = 0;
  // Queued jobs by priority (larger first), then time.
  virtual Result<std::vector<QueuedJob>> queue() = 0;
  virtual Result<std::vector<std::string>> ids_in(JobState state) = 0;  // oldest first

  // Writes the record with an event in one batch; refuses a change of state that may_change() forbids
  // (invalid_argument). An empty event type writes the record alone.
  virtual Status update(const Job& job, const std::string& event_type, const std::string& event_data) = 0;
  virtual Status erase(const std::string& id) = 0;  // a final job, its ledger, its events; an event "deleted"

  // An event without a change of the record (segments, progress).
  virtual Status announce(const std::string& job_id, const std::string& type, const std::string& data) = 0;

  // The ledger: segments that are whole. Synced, with a "segment" event, in one batch.
  virtual Status commit_segment(const std::string& job_id, const FinishedSegment& segment) = 0;
  virtual Result<std::vector<FinishedSegment>> segments(const std::string& job_id) = 0;
  // Takes the segments of a track with this index or a larger one out of the ledger, and its end; from 0 on,
  // what it lost too. An empty track: of all tracks.
  virtual Status forget_segments(const std::string& job_id, const std::string& track,
                                 std::int64_t first_index) = 0;
  // A track's task has ended: it has segments [0, end_segment) and no more. Without an event.
  virtual Status note_end(const std::string& job_id, const std::string& track, std::int64_t end_segment) = 0;
  virtual Result<std::map<std::string, std::int64_t>> ended_tracks(const std::string& job_id) = 0;
  // What damage took of a track, in sentences; instead of what was noted before. Without an event.
  virtual Status note_lost(const std::string& job_id, const std::string& track,
                           const std::vector<std::string>& sentences) = 0;
  virtual Result<std::map<std::string, std::vector<std::string>>> lost(const std::string& job_id) = 0;

  // Events after a number, oldest first; empty id: of all jobs. At most `limit`.
  virtual Result<std::vector<Event>> events_after(std::uint64_t number, const std::string& job_id,
                                                  int limit) = 0;
  virtual std::uint64_t last_event() const = 0;
  // The number of a job's newest event on disk; 0: there is none any more. A record is seen a moment before
  // the event of its change: that is hidden from events_after() until all with smaller numbers are on disk.
  virtual Result<std::uint64_t> newest_event_of(const std::string& job_id) = 0;

  // Called with every new event after it is on disk, in the order of the numbers, one at a time, before the
  // call that made the event returns, from that thread or another writing one; must not call the store. One
  // listener.
  virtual void set_listener(std::function<void(const Event&)> listener) = 0;

  // As back_up_store(), while others go on: what was written before the call is in it. One call at a time.
  // resource_exhausted on a full disk.
  virtual Result<StoreCopy> back_up(const std::filesystem::path& backups, int keep) = 0;

  // Small values of other concerns (tokens, calibration): get is not_found when absent.
  virtual Result<std::string> get_value(const std::string& family, const std::string& key) = 0;
  virtual Status put_value(const std::string& family, const std::string& key, const std::string& value) = 0;
  virtual Status erase_value(const std::string& family, const std::string& key) = 0;
  virtual Result<std::vector<std::pair<std::string, std::string>>> values(const std::string& family) = 0;
};

}  // namespace millrace::engine
