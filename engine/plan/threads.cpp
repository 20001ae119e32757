#include "engine/plan/threads.h"

#include <algorithm>
#include <cmath>

#include "engine/plan/estimate.h"
#include "engine/plan/stage.h"

namespace millrace::engine {
namespace {

constexpr double kLeastRangeSeconds = 12;
constexpr double kShareOfMemory = 1.0 / 3;
constexpr int kMostCheckThreads = 4;

double pixels(const PlannedRendition& rendition) {
  return static_cast<double>(rendition.width) * rendition.height;
}

double pixels(std::span<const PlannedRendition> renditions) {
  double all = 0;
  for (const PlannedRendition& rendition : renditions) all += pixels(rendition);
  return all;
}

// Of a picture, for each thread that still makes its encoder faster by about its number. Estimates: on two
// cores, the most that was measured, all of them keep up.
double lines_per_thread(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::h264:
    case VideoCodec::hevc:
    case VideoCodec::av1:
      return 540;
    case VideoCodec::vp9:
      return 1080;
    case VideoCodec::theora:
      break;
  }
  return 1e9;  // libtheora has one
}

double useful_threads(const PlannedRendition& rendition) {
  return std::max(1.0, rendition.height / lines_per_thread(rendition.codec));
}

bool is_on_cpu(const Plan& plan) {
  return plan.decode_device == kCpu && plan.filter_device == kCpu &&
         std::all_of(plan.renditions.begin(), plan.renditions.end(),
                     [](const PlannedRendition& each) { return each.encode_device == kCpu; });
}

}  // namespace

std::vector<int> threads_for(std::span<const PlannedRendition> renditions, int cores) {
  const double all = pixels(renditions);
  std::vector<int> threads;
  for (const PlannedRendition& rendition : renditions) {
    const double share = all > 0 ? pixels(rendition) / all * cores : 1;
    // A hair below, so that 4 of 4 cores do not become 5 by rounding.
    threads.push_back(std::clamp(static_cast<int>(std::ceil(share - 1e-9)), 1, 16));
  }
  return threads;
}

int decoder_threads_for(int cores) { return cores <= 2 ? 1 : std::min(cores / 2, 8); }

int decoder_threads_alone(const Plan& plan) {
  return std::min(2 * plan.decoder_threads * std::max(plan.ranges_at_once, 1), 8);
}

int check_threads_for(int encoder_threads) { return std::clamp(encoder_threads, 1, kMostCheckThreads); }

double cores_of_range(std::span<const PlannedRendition> renditions) {
  const double all = pixels(renditions);
  if (all <= 0) return 1;
  double encoders = 1e9;
  for (const PlannedRendition& each : renditions)
    encoders = std::min(encoders, useful_threads(each) * all / std::max(pixels(each), 1.0));
  return 1 + encoders;  // one decodes
}

std::int64_t least_segments_of(const SegmentClock& clock) {
  const double seconds = static_cast<double>(clock.segment_ticks()) / kTicksPerSecond;
  return std::max<std::int64_t>(1, std::llround(std::ceil(kLeastRangeSeconds / seconds)));
}

int ranges_for(const Plan& plan, int cores, std::uint64_t memory_bytes) {
  if (plan.renditions.empty() || plan.real_time || plan.accept_damage || !plan.source.can_seek ||
      !is_on_cpu(plan))
    return 1;
  double most = cores / cores_of_range(plan.renditions);
  most = std::min(most, static_cast<double>(plan.estimated_segments / least_segments_of(plan.clock)));
  if (memory_bytes > 0)
    most = std::min(most, std::floor(kShareOfMemory * static_cast<double>(memory_bytes) /
                                     static_cast<double>(estimate_range_memory(plan))));
  return std::max(1, static_cast<int>(std::lround(most)));
}

int ranges_again(const Plan& plan, int cores, std::uint64_t memory_bytes) {
  return std::clamp(cores / plan.range_cores, 1, ranges_for(plan, cores, memory_bytes));
}

}  // namespace millrace::engine
