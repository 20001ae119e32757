// RenditionChain: what happens to the frames of one rendition, wired back to front: rate limit, late start,
// scale, encode, segment, write. Used by one thread, that of its queue.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/backend/backend.h"
#include "engine/pipeline/late_start.h"
#include "engine/pipeline/rate_limiter.h"
#include "engine/pipeline/segment_writer.h"
#include "engine/pipeline/segmenter.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

class RenditionChain {
 public:
  // Makes segments from `first_segment` on. unsupported for a codec that the backend cannot make. Backend,
  // tally and observer must outlive the chain.
  static Result<std::unique_ptr<RenditionChain>> make(const Plan& plan, const PlannedRendition& rendition,
                                                      std::int64_t first_segment,
                                                      const std::filesystem::path& output_folder,
                                                      Backend& backend, const SegmentTally& tally,
                                                      TaskObserver& observer);
  Sink<FramePtr>& entry() { return *limiter_; }

 private:
  RenditionChain() = default;

  std::unique_ptr<SegmentWriter> writer_;
  std::unique_ptr<Segmenter> segmenter_;
  std::unique_ptr<Sink<FramePtr>> encoder_;
  std::unique_ptr<Sink<FramePtr>> scaler_;
  std::unique_ptr<LateStart> start_;
  std::unique_ptr<RateLimiter> limiter_;
};

}  // namespace millrace::engine
