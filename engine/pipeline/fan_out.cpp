#include "engine/pipeline/fan_out.h"

namespace millrace::engine {

void FanOut::add(Sink<FramePtr>& branch) {
  branches_.push_back(std::make_unique<QueueStage>(kQueuedFrames, branch, failure_));
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
