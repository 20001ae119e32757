#include "engine/plan/decode_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/plan/stage.h"

namespace millrace::engine {
namespace {

constexpr std::int64_t kOfTheCpu = 8;
constexpr double kShareOfKeyFrames = 0.08;

}  // namespace

std::int64_t full_decode_every(const Plan& plan, const PlannedRendition& rendition) {
  return plan.full_decode || rendition.encode_device != kCpu || plan.estimated_segments == 1 ? 1 : kOfTheCpu;
}

double checked_share(const Plan& plan, const PlannedRendition& rendition) {
  const double full = 1 / static_cast<double>(full_decode_every(plan, rendition));
  return full + (1 - full) * kShareOfKeyFrames;
}

std::vector<Decision> decode_check_decision(const Plan& plan) {
  if (plan.renditions.empty()) return {};
  const bool sampled =
      std::any_of(plan.renditions.begin(), plan.renditions.end(),
                  [&](const PlannedRendition& each) { return full_decode_every(plan, each) > 1; });
  if (sampled)
    return {{"decode check", "cpu",
             fmt::format("one segment of {} decodes again in full, of the others the key frames", kOfTheCpu),
             "the CPU encodes them; \"full_decode\": true asks for all"}};
  return {{"decode check", "cpu", "every segment decodes again in full",
           plan.full_decode               ? "asked for"
           : plan.estimated_segments == 1 ? "there is one"
                                          : "a device encodes them"}};
}

}  // namespace millrace::engine
