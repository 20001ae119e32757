// Lateness: how far behind its time each segment of a paced stream came, and what that says of a round of
// streams. Pure; times are in seconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/spread.h"

namespace millrace::bench {

struct TimedSegment {
  std::string track;     // "abr/720p"
  double media_end = 0;  // on the stream's own clock, when its last picture has been read
  double finished = 0;   // when it was booked, since that clock began
  double delay() const { return finished - media_end; }
};

struct StreamTimes {
  std::vector<TimedSegment> segments;
  std::string failure;  // why it ended early; empty: it did not
};

// From a segment's last picture until it is booked, by track, when one stream runs alone: the encoder looks
// ahead and the segment is checked, whatever the machine. Medians of what ends after `warm_up`; 0 for a
// sound, which is made ahead of the pictures.
using Delays = std::map<std::string, double>;
Delays usual_delays(const StreamTimes& alone, double warm_up);

struct RoundRules {
  double segment_seconds = 4;
  double warm_up = 8;  // segments that end before it do not count
  Delays usual;        // what is no lateness

  // From then on a segment is late: half a segment.
  double late_from() const { return segment_seconds / 2; }
};

// Beyond the usual delay of its track; 0 for one in time.
double lateness_of(const TimedSegment& segment, const Delays& usual);

// Media seconds a second, at most 1: how much of the time from the first counted segment to the last one was
// not lost to lateness that grew (median of the last quarter over that of the first, of the worst track).
// 1 for fewer than two segments a track.
double pace_of(const StreamTimes& stream, const RoundRules& rules);

struct RoundVerdict {
  bool holds = false;
  Times lateness;                    // of every counted segment of every stream
  double least_pace = 1;             // of the slowest stream
  std::vector<std::string> reasons;  // why it does not hold, a sentence each
};

// It holds when every stream ran to its end, kept its pace (its lateness grew by less than a tenth of a
// segment) and 99 of 100 segments were not late.
RoundVerdict judge_round(const std::vector<StreamTimes>& streams, const RoundRules& rules);

// So many segments are late by now that of `expected` in all more than one in a hundred will be.
bool is_lost(const std::vector<StreamTimes>& so_far, const RoundRules& rules, std::size_t expected);

}  // namespace millrace::bench
