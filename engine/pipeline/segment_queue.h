// SegmentQueue hands finished segments to a thread of its own that checks and writes them: the encoder goes
// on meanwhile. One producer thread.
#pragma once

#include <utility>

#include "engine/pipeline/queue_stage.h"
#include "engine/pipeline/segmenter.h"

namespace millrace::engine {

class SegmentQueue final : public TrackSink<CodedSegment> {
 public:
  SegmentQueue(TrackSink<CodedSegment>& out, FirstFailure& failure)
      : out_(out), queue_(kWaiting, out, failure) {}

  // On the caller's thread; the other one has nothing to do before the first push.
  Status begin(const EncodedTrack& track) override { return out_.begin(track); }
  Status push(CodedSegment segment) override { return queue_.push(std::move(segment)); }
  // Waits until every segment is written.
  Status finish() override { return queue_.finish(); }

 private:
  static constexpr std::size_t kWaiting = 1;  // beside the one that is checked

  TrackSink<CodedSegment>& out_;
  QueueStage<CodedSegment> queue_;
};

}  // namespace millrace::engine
