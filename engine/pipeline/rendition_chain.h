// RenditionChain: what happens to the frames of one rendition, wired back to front: late start, EncodeChain,
// segment, write. Used by one thread, that of its queue.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/backend/backend_set.h"
#include "engine/pipeline/encode_chain.h"
#include "engine/pipeline/late_start.h"
#include "engine/pipeline/segment_writer.h"
#include "engine/pipeline/segmenter.h"

namespace millrace::engine {

class RenditionChain {
 public:
  // Makes segments from `first_segment` on. unsupported for a codec that the backend cannot make. All that is
  // given must outlive the chain.
  static Result<std::unique_ptr<RenditionChain>> make(const Plan& plan, const PlannedRendition& rendition,
                                                      std::int64_t first_segment,
                                                      const std::filesystem::path& output_folder,
                                                      BackendSet& backends, const OverlaySet& overlays,
                                                      const SegmentTally& tally, TaskObserver& observer);
  Sink<FramePtr>& entry() { return *start_; }

 private:
  RenditionChain() = default;

  std::unique_ptr<SegmentWriter> writer_;
  std::unique_ptr<Segmenter> segmenter_;
  std::unique_ptr<EncodeChain> encode_;
  std::unique_ptr<LateStart> start_;
};

}  // namespace millrace::engine
