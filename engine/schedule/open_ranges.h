// Which segments of a job's pictures are to be made next, in ranges. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace millrace::engine {

// Segments [first, end); an end of -1 is that of the source.
struct SegmentRange {
  std::int64_t first = 0;
  std::int64_t end = -1;
  bool operator==(const SegmentRange&) const = default;
};

// The first segments that some rendition lacks and nobody is making: `have` is what each has, `busy` what is
// being made. Each rendition has a beginning of the range or nothing of it, so that none makes a segment that
// it has. `source_end`: how many segments there are in all, once that is known. None: nothing is open.
std::optional<SegmentRange> open_range(const std::vector<std::set<std::int64_t>>& have,
                                       const std::vector<SegmentRange>& busy,
                                       std::optional<std::int64_t> source_end);

// The beginning of an open range to be made by one worker, of `at_once` that work side by side: half of what
// falls to it, so that all end at about the same time, from `least` to a few minutes of media so that what
// plays first comes first. A rest of less than `least` goes with it. `estimated`: segments of the job, 0
// where that is not known. All of it where one works at a time.
SegmentRange part_of(const SegmentRange& range, int at_once, std::int64_t estimated, std::int64_t least);

}  // namespace millrace::engine
