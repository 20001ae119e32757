#include "engine/schedule/segment_book.h"

#include <algorithm>
#include <utility>

namespace millrace::engine {

void SegmentBook::add(const FinishedSegment& segment) {
  Track& track = tracks_[segment.track];
  track.segments[segment.index] = segment;
  while (track.segments.contains(track.unbroken)) ++track.unbroken;
}

void SegmentBook::note_end(const std::string& track, std::int64_t end_segment) { ends_[track] = end_segment; }

void SegmentBook::note_lost(const std::string& track, std::vector<std::string> sentences) {
  lost_[track] = std::move(sentences);
}

void SegmentBook::forget(const std::string& track, std::int64_t first_index) {
  for (auto& [name, each] : tracks_) {
    if (!track.empty() && name != track) continue;
    each.segments.erase(each.segments.lower_bound(first_index), each.segments.end());
    each.unbroken = std::min(each.unbroken, std::max<std::int64_t>(first_index, 0));
  }
  if (track.empty())
    ends_.clear();
  else
    ends_.erase(track);
  if (first_index > 0) return;
  if (track.empty())
    lost_.clear();
  else
    lost_.erase(track);
}

std::int64_t SegmentBook::unbroken(const std::string& track) const {
  const auto found = tracks_.find(track);
  return found == tracks_.end() ? 0 : found->second.unbroken;
}

std::int64_t SegmentBook::unbroken(const std::string& track, std::int64_t first_index) const {
  const auto found = tracks_.find(track);
  if (found == tracks_.end()) return first_index;
  if (first_index <= found->second.unbroken) return found->second.unbroken;
  while (found->second.segments.contains(first_index)) ++first_index;
  return first_index;
}

std::int64_t SegmentBook::count(const std::string& track) const {
  const auto found = tracks_.find(track);
  return found == tracks_.end() ? 0 : static_cast<std::int64_t>(found->second.segments.size());
}

std::set<std::int64_t> SegmentBook::indexes(const std::string& track) const {
  std::set<std::int64_t> all;
  const auto found = tracks_.find(track);
  if (found != tracks_.end())
    for (const auto& [index, segment] : found->second.segments) all.insert(index);
  return all;
}

std::int64_t SegmentBook::unbroken(const std::vector<std::string>& tracks) const {
  if (tracks.empty()) return 0;
  std::int64_t smallest = unbroken(tracks.front());
  for (const std::string& track : tracks) smallest = std::min(smallest, unbroken(track));
  return smallest;
}

std::optional<std::int64_t> SegmentBook::end_of(const std::string& track) const {
  const auto found = ends_.find(track);
  if (found == ends_.end()) return std::nullopt;
  return found->second;
}

bool SegmentBook::reaches(const std::string& track, std::int64_t index) const {
  const auto found = tracks_.find(track);
  if (found != tracks_.end() && found->second.segments.lower_bound(index) != found->second.segments.end())
    return true;
  return ends_.contains(track);
}

bool SegmentBook::whole(const std::string& track) const {
  const auto end = end_of(track);
  return end && unbroken(track) == *end;
}

std::vector<FinishedSegment> SegmentBook::segments() const {
  std::vector<FinishedSegment> all;
  for (const auto& [name, track] : tracks_)
    for (const auto& [index, segment] : track.segments) all.push_back(segment);
  return all;
}

std::vector<FinishedSegment> SegmentBook::segments(const std::string& track, std::int64_t end_segment) const {
  std::vector<FinishedSegment> some;
  const auto found = tracks_.find(track);
  if (found == tracks_.end()) return some;
  for (const auto& [index, segment] : found->second.segments)
    if (index < end_segment) some.push_back(segment);
  return some;
}

}  // namespace millrace::engine
