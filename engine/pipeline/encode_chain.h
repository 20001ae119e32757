// EncodeChain: what one rendition's encoder needs around it, wired back to front: rate limit, scale,
// download, overlay, upload, encode. Used by one thread.
#pragma once

#include <memory>

#include "engine/backend/backend.h"
#include "engine/pipeline/overlay.h"
#include "engine/pipeline/rate_limiter.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

class EncodeChain {
 public:
  // Scales by one backend and encodes by another, or the same. Overlays are laid over pictures of the CPU,
  // unless the filters' ladder has laid them before (Plan::overlay_device).
  // unsupported for a codec that the backend cannot make. All that is given must outlive the chain.
  static Result<std::unique_ptr<EncodeChain>> make(const Plan& plan, const PlannedRendition& rendition,
                                                   Backend& filters, Backend& encode,
                                                   const OverlaySet& overlays, TrackSink<PacketPtr>& out);
  // Takes normalised pictures of any size, in ticks, as the filtering backend has them.
  Sink<FramePtr>& entry() { return *limiter_; }

 private:
  EncodeChain() = default;

  std::unique_ptr<Sink<FramePtr>> encoder_;
  std::unique_ptr<Sink<FramePtr>> upload_;
  std::unique_ptr<OverlayStage> overlay_;
  std::unique_ptr<Sink<FramePtr>> download_;
  std::unique_ptr<Sink<FramePtr>> scaler_;
  std::unique_ptr<RateLimiter> limiter_;
};

// What comes out of it, nominally: the rendition's own rate, else the source's.
Rational rate_of(const Plan& plan, const PlannedRendition& rendition);

}  // namespace millrace::engine
