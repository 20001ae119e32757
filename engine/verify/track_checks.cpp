#include "engine/verify/track_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace millrace::engine {
namespace {

using Run = std::vector<FinishedSegment>;

// Two AAC frames: the rest of the last one, and one that only drains the encoder.
constexpr std::int64_t kMostPadding = 2 * 1024;

Run sorted_run(const std::string& track, const Segments& segments) {
  Run run;
  for (const FinishedSegment& each : segments)
    if (each.track == track) run.push_back(each);
  std::sort(run.begin(), run.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  return run;
}

std::string seconds(std::int64_t ticks, std::int64_t timescale) {
  return fmt::format("{:.3f} s", static_cast<double>(ticks) / static_cast<double>(timescale));
}

Check contiguous(const std::string& track, const Run& run) {
  Check check{"contiguous segments", track, true, fmt::format("{} segments", run.size())};
  const auto broken = [&](std::string detail) {
    check.holds = false;
    check.detail = std::move(detail);
    return check;
  };
  if (run.empty()) return broken("no segment is finished");
  for (std::size_t at = 0; at < run.size(); ++at) {
    if (run[at].index > static_cast<std::int64_t>(at))
      return broken(segment_file_name(static_cast<std::int64_t>(at)) + " is missing");
    if (run[at].index < static_cast<std::int64_t>(at))
      return broken(segment_file_name(run[at].index) + " stands twice");
    if (at > 0 && run[at].start != run[at - 1].start + run[at - 1].duration)
      return broken(fmt::format("{} ends at {}, the next one begins at {}",
                                segment_file_name(run[at - 1].index),
                                seconds(run[at - 1].start + run[at - 1].duration, run[at].timescale),
                                seconds(run[at].start, run[at].timescale)));
  }
  return check;
}

Check idr_grid(const std::string& track, const Run& run, const SegmentClock& clock) {
  for (const FinishedSegment& each : run) {
    if (!each.opens_with_idr)
      return {"IDR grid", track, false, segment_file_name(each.index) + " opens without an IDR"};
    if (clock.segment_at(each.start) != each.index)
      return {"IDR grid", track, false,
              fmt::format("{} begins at {}, outside its place on the grid", segment_file_name(each.index),
                          seconds(each.start, each.timescale))};
  }
  return {"IDR grid", track, true, fmt::format("{} segments open with an IDR on the grid", run.size())};
}

// Workers decode a segment before they report it: what is in the ledger has passed, and carries its digest.
Check decodes(const std::string& track, const Run& run, const TrackSummary& summary) {
  for (const FinishedSegment& each : run)
    if (each.frames <= 0 || each.sha256.empty())
      return {"decode", track, false, segment_file_name(each.index) + " was booked without a decoded frame"};
  std::string detail = fmt::format("{} frames in {} segments", summary.frames_out, summary.segments);
  if (summary.fully_decoded < summary.segments)
    detail += fmt::format("; {} decoded in full, of the others the key frames", summary.fully_decoded);
  return {"decode", track, true, detail};
}

// A limit on the rate drops frames and adds none; without one every frame of the source is there.
Check frames_kept(const PlannedRendition& rendition, const TrackSummary& track) {
  Check check{"frames out = frames in", rendition.folder, track.frames_in == track.frames_out,
              fmt::format("{} in, {} out", track.frames_in, track.frames_out)};
  if (!rendition.max_frame_rate.known()) return check;
  check.name = "frames out within the rate";
  check.detail += fmt::format(", at most {} a second", to_string(rendition.max_frame_rate));
  // A segment that is no whole number of frames long begins one more.
  const auto most =
      static_cast<std::int64_t>(track.duration_seconds() * rendition.max_frame_rate.as_double());
  check.holds = track.frames_out <= track.frames_in && track.frames_out <= most + 2 * track.segments;
  return check;
}

Check samples_kept(const PlannedSound& sound, const TrackSummary& track) {
  const std::int64_t more = track.frames_out - track.frames_in;
  return {
      "frames out = frames in", sound.folder, more >= 0 && more <= kMostPadding,
      fmt::format("{} samples in, {} out, of them {} of padding", track.frames_in, track.frames_out, more)};
}

bool same_rate(const PlannedRendition& a, const PlannedRendition& b) {
  return a.max_frame_rate.known() == b.max_frame_rate.known() &&
         (!a.max_frame_rate.known() || a.max_frame_rate == b.max_frame_rate);
}

Check equal_grid(const std::string& track, const Run& run, const std::string& other, const Run& others) {
  if (run.size() != others.size())
    return {"equal grid", track, false,
            fmt::format("{} segments, {} has {}", run.size(), other, others.size())};
  for (std::size_t at = 0; at < run.size(); ++at)
    if (run[at].start != others[at].start)
      return {"equal grid", track, false,
              fmt::format("{} begins at {}, in {} at {}", segment_file_name(run[at].index),
                          seconds(run[at].start, run[at].timescale), other,
                          seconds(others[at].start, others[at].timescale))};
  return {"equal grid", track, true,
          fmt::format("{} segments begin where those of {} do", run.size(), other)};
}

Check equal_times(const char* name, const std::string& track, std::int64_t mine, const std::string& other,
                  std::int64_t theirs, std::int64_t timescale) {
  return {name, track, mine == theirs,
          fmt::format("{}, {} has {}", seconds(mine, timescale), other, seconds(theirs, timescale))};
}

void compare(const PlannedRendition& rendition, const PlannedRendition& first, const Segments& segments,
             std::vector<Check>& checks) {
  const Run run = sorted_run(rendition.folder, segments);
  const Run others = sorted_run(first.folder, segments);
  const TrackSummary mine = summary_of(rendition.folder, segments);
  const TrackSummary theirs = summary_of(first.folder, segments);
  checks.push_back(equal_grid(rendition.folder, run, first.folder, others));
  if (same_rate(rendition, first))
    checks.push_back(equal_times("last pts", rendition.folder, mine.last_pts, first.folder, theirs.last_pts,
                                 mine.timescale));
  checks.push_back(
      equal_times("duration", rendition.folder, mine.end, first.folder, theirs.end, mine.timescale));
}

}  // namespace

TrackSummary summary_of(const std::string& track, const Segments& segments) {
  const Run run = sorted_run(track, segments);
  TrackSummary summary;
  if (run.empty()) return summary;
  summary.segments = static_cast<std::int64_t>(run.size());
  summary.timescale = run.front().timescale;
  summary.first_pts = run.front().start;
  summary.last_pts = run.back().last_pts;
  summary.end = run.back().start + run.back().duration;
  for (const FinishedSegment& each : run) {
    summary.frames_in += each.frames_in;
    summary.frames_out += each.frames;
    summary.bytes += each.bytes;
    if (!each.key_frames_only) ++summary.fully_decoded;
    summary.idr_grid = summary.idr_grid && each.opens_with_idr;
  }
  return summary;
}

std::vector<Check> track_checks(const Plan& plan, const Segments& segments) {
  std::vector<Check> checks;
  for (const PlannedRendition& rendition : plan.renditions) {
    const Run run = sorted_run(rendition.folder, segments);
    checks.push_back(contiguous(rendition.folder, run));
    checks.push_back(idr_grid(rendition.folder, run, plan.clock));
    const TrackSummary summary = summary_of(rendition.folder, segments);
    checks.push_back(decodes(rendition.folder, run, summary));
    checks.push_back(frames_kept(rendition, summary));
    if (&rendition != &plan.renditions.front()) compare(rendition, plan.renditions.front(), segments, checks);
  }
  for (const PlannedSound& sound : plan.sounds) {
    const Run run = sorted_run(sound.folder, segments);
    if (run.empty()) continue;
    checks.push_back(contiguous(sound.folder, run));
    const TrackSummary summary = summary_of(sound.folder, segments);
    checks.push_back(decodes(sound.folder, run, summary));
    checks.push_back(samples_kept(sound, summary));
  }
  return checks;
}

}  // namespace millrace::engine
