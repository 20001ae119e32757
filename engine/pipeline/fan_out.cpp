#include "engine/pipeline/fan_out.h"

#include <algorithm>
#include <cstdint>

namespace millrace::engine {

std::size_t FanOut::queued_frames_for(int width, int height, int bytes_per_sample) {
  constexpr std::int64_t kBytes = 96'000'000;
  const std::int64_t picture =
      std::max<std::int64_t>(std::int64_t{width} * height * bytes_per_sample * 3 / 2, 1);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(kBytes / picture, 4, 48));
}

void FanOut::add(Sink<FramePtr>& branch) {
  branches_.push_back(std::make_unique<QueueStage>(queued_frames_, branch, failure_));
}

Status FanOut::push(FramePtr frame) {
  for (const auto& branch : branches_)
    if (Status status = branch->push(share(*frame)); !status.ok()) return status;
  return {};
}

Status FanOut::finish() {
  for (const auto& branch : branches_) branch->close();
  bool whole = true;
  for (const auto& branch : branches_) whole = branch->finish().ok() && whole;
  return whole ? Status() : failure_.status();
}

}  // namespace millrace::engine
