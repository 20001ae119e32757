// RangeGate lets the pictures of segments [first, end) through, and none of those that the trim leaves out. A
// segment in which the source shows nothing new (a long still in a variable rate source) is opened with the
// picture before it, so that every segment of the grid has one; so is the trim's beginning between two
// pictures.
#pragma once

#include <cstdint>

#include "engine/pipeline/segment_tally.h"
#include "engine/pipeline/sink.h"
#include "engine/plan/segment_clock.h"

namespace millrace::engine {

class RangeGate final : public Sink<FramePtr> {
 public:
  // `end` < 0: no end. `end_ticks`: where the job's media ends before the source does; 0: nowhere. Frames
  // carry ticks; those below 0 lie before the media.
  RangeGate(const SegmentClock& clock, std::int64_t first, std::int64_t end, std::int64_t end_ticks,
            SegmentTally& tally, Sink<FramePtr>& out);

  Status push(FramePtr frame) override;
  // Notes the range's end in the tally before it passes the end on.
  Status finish() override;
  // From now on the range ends with the segment that is being let through, or with the first one that ends at
  // `least` or later. Never makes it longer.
  void end_at_edge(std::int64_t least);

  // A frame after the range or the media has come: nothing more is needed from the source.
  bool past_end() const { return past_end_; }
  // The media has ended: with its source, or where the trim ends. Once past_end() or finished.
  bool at_end_of_media() const { return at_end_of_media_; }
  // One past the last segment that got a frame.
  std::int64_t end_segment() const { return next_; }
  std::int64_t frames() const { return frames_; }
  std::int64_t last_pts() const { return last_pts_; }

 private:
  Status pass(FramePtr frame, std::int64_t segment);
  Status fill_up_to(std::int64_t segment);
  Status end_media(std::int64_t next_picture);
  std::int64_t segments_of_media() const;

  const SegmentClock clock_;
  const std::int64_t first_;
  std::int64_t end_;  // < 0: none
  const std::int64_t end_ticks_;
  SegmentTally& tally_;
  Sink<FramePtr>& out_;
  FramePtr previous_;  // what fills the next empty segment
  std::int64_t next_;  // the first segment without a frame
  std::int64_t frames_ = 0;
  std::int64_t last_pts_ = 0;
  bool past_end_ = false;
  bool at_end_of_media_ = false;
};

}  // namespace millrace::engine
