// UploadStage takes pictures of the CPU to a device by a chain of libavfilter. They change their layout
// alone: libavfilter would take full range for a wish to change it, so the tag goes past it.
#pragma once

#include <utility>

#include "engine/pipeline/filter_stage.h"

namespace millrace::engine {

class UploadStage final : public Sink<FramePtr> {
 public:
  // `settings`: the chain that uploads, and its device. It holds no picture back.
  UploadStage(FilterStage::Settings settings, Sink<FramePtr>& out)
      : tagged_(out), filter_(std::move(settings), tagged_) {}

  Status push(FramePtr frame) override {
    const bool old_name = frame->format == AV_PIX_FMT_YUVJ420P;  // which says full range by itself
    if (old_name) frame->format = AV_PIX_FMT_YUV420P;
    tagged_.range = old_name ? AVCOL_RANGE_JPEG : frame->color_range;
    frame->color_range = AVCOL_RANGE_UNSPECIFIED;
    return filter_.push(std::move(frame));
  }
  Status finish() override { return filter_.finish(); }

 private:
  // What comes out is what went in last.
  class Tagged final : public Sink<FramePtr> {
   public:
    explicit Tagged(Sink<FramePtr>& out) : out_(out) {}
    Status push(FramePtr frame) override {
      frame->color_range = range;
      return out_.push(std::move(frame));
    }
    Status finish() override { return out_.finish(); }
    AVColorRange range = AVCOL_RANGE_UNSPECIFIED;

   private:
    Sink<FramePtr>& out_;
  };

  Tagged tagged_;
  FilterStage filter_;
};

}  // namespace millrace::engine
