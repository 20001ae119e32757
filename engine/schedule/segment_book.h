// SegmentBook: which segments of which tracks are there, which tracks are at their end, and what damage took
// of them. Plain data; not thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/plan/segment.h"

namespace millrace::engine {

class SegmentBook {
 public:
  void add(const FinishedSegment& segment);
  void note_end(const std::string& track, std::int64_t end_segment);
  // Instead of what was noted before.
  void note_lost(const std::string& track, std::vector<std::string> sentences);
  // Takes out the segments from this index on, and the end; from 0 on, what was lost too. An empty track: of
  // all tracks.
  void forget(const std::string& track, std::int64_t first_index);

  // Segments [0, n) are there without a gap; n is not.
  std::int64_t unbroken(const std::string& track) const;
  // The first from an index on that is not there.
  std::int64_t unbroken(const std::string& track, std::int64_t first_index) const;
  // The same of several tracks together: the smallest. 0 of none.
  std::int64_t unbroken(const std::vector<std::string>& tracks) const;
  std::int64_t count(const std::string& track) const;  // of its segments
  std::set<std::int64_t> indexes(const std::string& track) const;
  std::optional<std::int64_t> end_of(const std::string& track) const;
  // There is a segment with this index or a larger one, or an end.
  bool reaches(const std::string& track, std::int64_t index) const;
  // The end is known and every segment before it is there; a sound that lies outside the pictures has none.
  bool whole(const std::string& track) const;

  std::vector<FinishedSegment> segments() const;  // by track, then index
  std::vector<FinishedSegment> segments(const std::string& track, std::int64_t end_segment) const;
  const std::map<std::string, std::int64_t>& ends() const { return ends_; }
  // Sentences by track.
  const std::map<std::string, std::vector<std::string>>& lost() const { return lost_; }

 private:
  struct Track {
    std::map<std::int64_t, FinishedSegment> segments;
    std::int64_t unbroken = 0;
  };
  std::map<std::string, Track> tracks_;
  std::map<std::string, std::int64_t> ends_;
  std::map<std::string, std::vector<std::string>> lost_;
};

}  // namespace millrace::engine
