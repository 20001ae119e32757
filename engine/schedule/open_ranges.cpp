#include "engine/schedule/open_ranges.h"

#include <algorithm>
#include <limits>

namespace millrace::engine {
namespace {

constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMostTimesLeast = 8;

// The first index from `from` on that is not in the set.
std::int64_t first_lacking(const std::set<std::int64_t>& have, std::int64_t from) {
  for (auto at = have.lower_bound(from); at != have.end() && *at == from; ++at) ++from;
  return from;
}

}  // namespace

std::optional<SegmentRange> open_range(const std::vector<std::set<std::int64_t>>& have,
                                       const std::vector<SegmentRange>& busy,
                                       std::optional<std::int64_t> source_end) {
  const std::int64_t last = source_end.value_or(kEndless);
  std::int64_t first = 0;
  for (bool moved = true; moved;) {
    const std::int64_t before = first;
    std::int64_t lacking = kEndless;
    for (const auto& each : have) lacking = std::min(lacking, first_lacking(each, first));
    first = lacking;
    for (const SegmentRange& each : busy)
      if (first >= each.first && (each.end < 0 || first < each.end))
        first = each.end < 0 ? kEndless : each.end;
    moved = first != before && first < last;
  }
  if (first >= last) return std::nullopt;
  std::int64_t end = last;
  for (const SegmentRange& each : busy)
    if (each.first > first) end = std::min(end, each.first);
  for (const auto& each : have) {
    const auto again = each.lower_bound(first_lacking(each, first));
    if (again != each.end()) end = std::min(end, *again);
  }
  return SegmentRange{first, end == kEndless ? -1 : end};
}

SegmentRange part_of(const SegmentRange& range, int at_once, std::int64_t estimated, std::int64_t least) {
  if (at_once <= 1) return range;
  const std::int64_t left = (range.end < 0 ? estimated : range.end) - range.first;
  const std::int64_t part =
      std::clamp((left + 2 * at_once - 1) / (2 * at_once), least, kMostTimesLeast * least);
  if (left - part < least) return range;
  return {range.first, range.first + part};
}

}  // namespace millrace::engine
