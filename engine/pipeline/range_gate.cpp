#include "engine/pipeline/range_gate.h"

#include <algorithm>
#include <cstdlib>

namespace millrace::engine {
namespace {

// Timestamps of containers are rounded: a picture this close to the trim's edge lies on it.
constexpr std::int64_t kRounding = kTicksPerSecond / 1000;
// Less than this at the media's end makes no segment of its own.
constexpr std::int64_t kShortestFill = kTicksPerSecond / 10;

}  // namespace

RangeGate::RangeGate(const SegmentClock& clock, std::int64_t first, std::int64_t end, std::int64_t end_ticks,
                     SegmentTally& tally, Sink<FramePtr>& out)
    : clock_(clock),
      first_(first),
      end_(end),
      end_ticks_(end_ticks),
      tally_(tally),
      out_(out),
      next_(first) {}

Status RangeGate::push(FramePtr frame) {
  if (past_end_) return {};
  if (end_ticks_ > 0 && frame->pts >= end_ticks_ - kRounding) return end_media(frame->pts);
  const std::int64_t segment = clock_.segment_at(frame->pts);
  if (frame->pts < 0 || segment < first_) {
    previous_ = std::move(frame);
    return {};
  }
  if (next_ == 0 && previous_ && segment == 0) {
    if (frame->pts <= kRounding)
      frame->pts = 0;
    else if (Status status = fill_up_to(1); !status.ok())
      return status;
  }
  if (Status status = fill_up_to(end_ < 0 ? segment : std::min(segment, end_)); !status.ok()) return status;
  if (end_ >= 0 && segment >= end_) {
    past_end_ = true;
    tally_.set_range_end(segment == end_ ? frame->pts : clock_.start_of(end_));
    return {};
  }
  return pass(std::move(frame), segment);
}

void RangeGate::end_at_edge(std::int64_t least) {
  if (past_end_) return;
  const std::int64_t edge = std::max({next_, first_ + 1, least});
  if (end_ < 0 || edge < end_) end_ = edge;
}

// Segments [next_, segment) begin with the picture before them.
Status RangeGate::fill_up_to(std::int64_t segment) {
  for (std::int64_t empty = next_; empty < segment && previous_; ++empty) {
    FramePtr again = share(*previous_);
    again->pts = clock_.start_of(empty);
    if (Status status = pass(std::move(again), empty); !status.ok()) return status;
  }
  return {};
}

std::int64_t RangeGate::segments_of_media() const {
  const std::int64_t last = clock_.segment_at(end_ticks_ - 1);
  const bool too_short = end_ticks_ - clock_.start_of(last) < kShortestFill;
  return last > 0 && too_short ? last : last + 1;
}

Status RangeGate::end_media(std::int64_t next_picture) {
  past_end_ = true;
  const std::int64_t segments = segments_of_media();
  const bool range_ends_first = end_ >= 0 && end_ < segments;
  if (Status status = fill_up_to(range_ends_first ? end_ : segments); !status.ok()) return status;
  at_end_of_media_ = !range_ends_first;
  if (range_ends_first)
    tally_.set_range_end(clock_.start_of(end_));
  else
    tally_.set_range_end(std::abs(next_picture - end_ticks_) <= kRounding ? next_picture : end_ticks_);
  return {};
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
  if (!past_end_) {
    // The trim begins in the source's last picture.
    if (frames_ == 0 && first_ == 0)
      if (Status status = fill_up_to(1); !status.ok()) return status;
    const std::int64_t source_end = std::max(tally_.source_end(), last_pts_ + 1);
    const bool longer = end_ticks_ > 0 && source_end > end_ticks_ + kRounding;
    tally_.set_range_end(longer ? end_ticks_ : source_end);
    at_end_of_media_ = true;
  }
  previous_.reset();
  return out_.finish();
}

}  // namespace millrace::engine
