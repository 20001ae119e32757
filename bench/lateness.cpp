#include "bench/lateness.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::bench {
namespace {

std::map<std::string, std::vector<TimedSegment>> by_track(const StreamTimes& stream, double warm_up) {
  std::map<std::string, std::vector<TimedSegment>> tracks;
  for (const TimedSegment& each : stream.segments)
    if (each.media_end > warm_up) tracks[each.track].push_back(each);
  for (auto& [track, segments] : tracks)
    std::sort(segments.begin(), segments.end(),
              [](const TimedSegment& a, const TimedSegment& b) { return a.media_end < b.media_end; });
  return tracks;
}

// How much later the segments of the last quarter come than those of the first.
double rise(const std::vector<TimedSegment>& segments, const Delays& usual) {
  const std::size_t quarter = std::max<std::size_t>(segments.size() / 4, 1);
  std::vector<double> first, last;
  for (std::size_t i = 0; i < quarter; ++i) {
    first.push_back(lateness_of(segments[i], usual));
    last.push_back(lateness_of(segments[segments.size() - 1 - i], usual));
  }
  return spread_of(last).median - spread_of(first).median;
}

struct Drift {
  double rise = 0;  // of the worst track
  double pace = 1;
};

Drift drift_of(const StreamTimes& stream, const RoundRules& rules) {
  Drift worst;
  for (const auto& [track, segments] : by_track(stream, rules.warm_up)) {
    if (segments.size() < 2) continue;
    const double span = segments.back().media_end - segments.front().media_end;
    const double grown = rise(segments, rules.usual);
    if (span <= 0 || grown <= worst.rise) continue;
    worst = {grown, span / (span + grown)};
  }
  return worst;
}

}  // namespace

Delays usual_delays(const StreamTimes& alone, double warm_up) {
  Delays delays;
  for (const auto& [track, segments] : by_track(alone, warm_up)) {
    std::vector<double> each;
    for (const TimedSegment& segment : segments) each.push_back(segment.delay());
    delays[track] = std::max(0.0, spread_of(each).median);
  }
  return delays;
}

double lateness_of(const TimedSegment& segment, const Delays& usual) {
  const auto found = usual.find(segment.track);
  return std::max(0.0, segment.delay() - (found == usual.end() ? 0.0 : found->second));
}

double pace_of(const StreamTimes& stream, const RoundRules& rules) { return drift_of(stream, rules).pace; }

RoundVerdict judge_round(const std::vector<StreamTimes>& streams, const RoundRules& rules) {
  RoundVerdict verdict;
  std::vector<double> lateness;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const StreamTimes& stream = streams[i];
    if (!stream.failure.empty())
      verdict.reasons.push_back(fmt::format("stream {}: {}", i + 1, stream.failure));
    const Drift drift = drift_of(stream, rules);
    verdict.least_pace = std::min(verdict.least_pace, drift.pace);
    if (drift.rise >= rules.segment_seconds / 10)
      verdict.reasons.push_back(fmt::format("stream {} fell behind by {:.2f} s: {:.3f} x real time", i + 1,
                                            drift.rise, drift.pace));
    for (const TimedSegment& each : stream.segments)
      if (each.media_end > rules.warm_up) lateness.push_back(lateness_of(each, rules.usual));
  }
  verdict.lateness = times_of(std::move(lateness));
  if (verdict.lateness.count == 0) verdict.reasons.emplace_back("no segment was finished after the warm-up");
  if (verdict.lateness.p99 >= rules.late_from())
    verdict.reasons.push_back(fmt::format("lateness p99 is {:.2f} s, not under {:.2f} s, half a segment",
                                          verdict.lateness.p99, rules.late_from()));
  verdict.holds = verdict.reasons.empty();
  return verdict;
}

bool is_lost(const std::vector<StreamTimes>& so_far, const RoundRules& rules, std::size_t expected) {
  std::size_t late = 0;
  for (const StreamTimes& stream : so_far)
    late += static_cast<std::size_t>(
        std::count_if(stream.segments.begin(), stream.segments.end(), [&](const TimedSegment& each) {
          return each.media_end > rules.warm_up && lateness_of(each, rules.usual) >= rules.late_from();
        }));
  return late > expected / 100;
}

}  // namespace millrace::bench
