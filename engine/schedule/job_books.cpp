#include "engine/schedule/job_books.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace millrace::engine {
namespace {

constexpr std::size_t kMostLost = 100;  // sentences of a track

}  // namespace

Status JobBooks::open() {
  const auto segments = ledger_.segments();
  if (!segments.ok()) return segments.status();
  const auto ends = ledger_.ends();
  if (!ends.ok()) return ends.status();
  const auto lost = ledger_.lost();
  if (!lost.ok()) return lost.status();
  const std::lock_guard lock(mutex_);
  for (const FinishedSegment& each : *segments) book_.add(each);
  for (const auto& [track, end] : *ends) book_.note_end(track, end);
  for (const auto& [track, sentences] : *lost) book_.note_lost(track, sentences);
  return {};
}

Status JobBooks::empty() {
  if (Status s = ledger_.forget("", 0); !s.ok()) return s;
  const std::lock_guard lock(mutex_);
  book_.forget("", 0);
  return {};
}

Status JobBooks::commit(const FinishedSegment& segment) {
  if (Status s = ledger_.commit(segment); !s.ok()) return s;
  const std::lock_guard lock(mutex_);
  book_.add(segment);
  return {};
}

Status JobBooks::drop_from(const std::string& track, std::int64_t first_index) {
  {
    const std::lock_guard lock(mutex_);
    if (!book_.reaches(track, first_index)) return {};
    book_.forget(track, first_index);
  }
  return ledger_.forget(track, first_index);
}

Status JobBooks::note_lost(const std::vector<std::string>& tracks,
                           const std::vector<std::string>& sentences) {
  for (const std::string& track : tracks) {
    std::vector<std::string> all;
    std::size_t known = 0;
    {
      const std::lock_guard lock(mutex_);
      const auto found = book_.lost().find(track);
      if (found != book_.lost().end()) all = found->second;
      known = all.size();
    }
    for (const std::string& each : sentences)
      if (all.size() < kMostLost && std::find(all.begin(), all.end(), each) == all.end()) all.push_back(each);
    if (all.size() == known) continue;
    if (Status s = ledger_.note_lost(track, all); !s.ok()) return s;
    const std::lock_guard lock(mutex_);
    book_.note_lost(track, std::move(all));
  }
  return {};
}

Status JobBooks::settle(const std::vector<std::string>& tracks, const TaskEnd& end,
                        std::optional<std::int64_t> first_segment) {
  if (Status s = note_lost(tracks, end.lost); !s.ok()) return s;
  const std::lock_guard lock(mutex_);
  usage_.cpu_seconds += end.cpu_seconds;
  usage_.peak_memory_bytes = std::max(usage_.peak_memory_bytes, end.peak_memory_bytes);
  for (const std::string& track : tracks) {
    const std::int64_t has = book_.unbroken(track, first_segment.value_or(0));
    if (first_segment ? has < end.end_segment : has != end.end_segment)
      return {Code::internal, fmt::format("{}: {} of {} segments were booked", track, has, end.end_segment)};
  }
  return {};
}

Status JobBooks::note_end(const std::string& track, std::int64_t end_segment) {
  if (Status s = ledger_.note_end(track, end_segment); !s.ok()) return s;
  const std::lock_guard lock(mutex_);
  book_.note_end(track, end_segment);
  return {};
}

void JobBooks::note_step_down(const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  usage_.steps_down.push_back(sentence);
}

std::int64_t JobBooks::unbroken(const std::vector<std::string>& tracks) const {
  const std::lock_guard lock(mutex_);
  return book_.unbroken(tracks);
}

std::int64_t JobBooks::least(const std::vector<std::string>& tracks) const {
  const std::lock_guard lock(mutex_);
  if (tracks.empty()) return 0;
  std::int64_t least = book_.count(tracks.front());
  for (const std::string& track : tracks) least = std::min(least, book_.count(track));
  return least;
}

std::vector<std::set<std::int64_t>> JobBooks::indexes(const std::vector<std::string>& tracks) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::set<std::int64_t>> all;
  for (const std::string& track : tracks) all.push_back(book_.indexes(track));
  return all;
}

bool JobBooks::all_whole(const std::vector<std::string>& tracks) const {
  const std::lock_guard lock(mutex_);
  return std::all_of(tracks.begin(), tracks.end(),
                     [&](const std::string& track) { return book_.whole(track); });
}

Segments JobBooks::segments() const {
  const std::lock_guard lock(mutex_);
  return book_.segments();
}

std::vector<Segments> JobBooks::from_start(const std::vector<std::string>& tracks) const {
  const std::lock_guard lock(mutex_);
  std::vector<Segments> all;
  for (const std::string& track : tracks) all.push_back(book_.segments(track, book_.unbroken(track)));
  return all;
}

Usage JobBooks::usage() const {
  const std::lock_guard lock(mutex_);
  return usage_;
}

Losses JobBooks::lost() const {
  const std::lock_guard lock(mutex_);
  return book_.lost();
}

}  // namespace millrace::engine
