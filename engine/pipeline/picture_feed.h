// PictureFeed reads a plan's pictures: file -> decoder -> clock -> upload -> normalising filter -> a sink.
// One thread, which pulls it packet by packet.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>

#include "engine/backend/backend.h"
#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/frame_clock.h"
#include "engine/pipeline/media_input.h"
#include "engine/pipeline/picture_shape.h"
#include "engine/pipeline/segment_tally.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// Where trim ends the job's pictures, in ticks of its clock; 0: nowhere.
std::int64_t end_ticks_of(const Plan& plan);

// How the pictures of `input`, the source of the plan with its picture chosen, come onto the job's clock.
FrameTiming frame_timing(const Plan& plan, MediaInput& input);

class PictureFeed {
 public:
  // Pictures from `start_ticks` of the job's clock on are wanted; some of those before come first, with
  // smaller ticks. `out` gets frames in ticks, as the filtering backend has them. Everything given here must
  // outlive the feed. Fails as open_track and the decoder do.
  static Result<std::unique_ptr<PictureFeed>> open(const Plan& plan, std::int64_t start_ticks,
                                                   Backend& decode, Backend& filters, SegmentTally& tally,
                                                   DamageLog& damage, Sink<FramePtr>& out,
                                                   std::stop_token stop);

  // Takes one packet further. False when the source has ended and `out` has finished. corrupt_input for
  // damage that is not accepted, with its place; cancelled after a stop request.
  Result<bool> step();

 private:
  PictureFeed() = default;
  Status wire(const Plan& plan, std::int64_t start_ticks, Backend& decode, Backend& filters,
              SegmentTally& tally, DamageLog& damage, Sink<FramePtr>& out);

  std::unique_ptr<Sink<FramePtr>> normalise_;
  std::unique_ptr<Sink<FramePtr>> upload_;
  std::unique_ptr<SameShape> same_shape_;
  std::unique_ptr<FrameClock> clock_;
  std::unique_ptr<MediaInput> input_;
  std::unique_ptr<Sink<PacketPtr>> decoder_;
};

}  // namespace millrace::engine
