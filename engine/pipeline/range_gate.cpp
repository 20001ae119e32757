#include "engine/pipeline/range_gate.h"

#include <algorithm>

namespace millrace::engine {

RangeGate::RangeGate(const SegmentClock& clock, std::int64_t first, std::int64_t end, SegmentTally& tally,
                     Sink<FramePtr>& out)
    : clock_(clock), first_(first), end_(end), tally_(tally), out_(out), next_(first) {}

Status RangeGate::push(FramePtr frame) {
  if (past_end_) return {};
  const std::int64_t segment = clock_.segment_at(frame->pts);
  if (segment < first_) {
    previous_ = std::move(frame);
    return {};
  }
  const std::int64_t fill_end = end_ < 0 ? segment : std::min(segment, end_);
  for (std::int64_t empty = next_; empty < fill_end && previous_; ++empty) {
    FramePtr again = share(*previous_);
    again->pts = clock_.start_of(empty);
    if (Status status = pass(std::move(again), empty); !status.ok()) return status;
  }
  if (end_ >= 0 && segment >= end_) {
    past_end_ = true;
    tally_.set_range_end(segment == end_ ? frame->pts : clock_.start_of(end_));
    return {};
  }
  return pass(std::move(frame), segment);
}

Status RangeGate::pass(FramePtr frame, std::int64_t segment) {
  tally_.count(segment);
  next_ = segment + 1;
  ++frames_;
  last_pts_ = frame->pts;
  previous_ = share(*frame);
  return out_.push(std::move(frame));
}

Status RangeGate::finish() {
  if (!past_end_) tally_.set_range_end(std::max(tally_.source_end(), last_pts_ + 1));
  previous_.reset();
  return out_.finish();
}

}  // namespace millrace::engine
