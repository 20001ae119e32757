// OverlayStage lays a plan's overlays, and the subtitles that frames carry, over the pictures of one
// rendition, at that rendition's own resolution.
#pragma once

#include <memory>
#include <vector>

#include "engine/pipeline/overlay_image.h"
#include "engine/pipeline/overlay_layer.h"
#include "engine/pipeline/sink.h"
#include "engine/pipeline/subtitle_picture.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// A plan's overlays with their images decoded, once for all renditions. Unchanged after it was loaded: any
// thread may read it.
struct OverlaySet {
  struct Item {
    PlannedOverlay overlay;
    std::shared_ptr<const OverlayImage> image;

    // Whether it lies over the picture of this time, in ticks.
    bool is_shown_at(std::int64_t pts) const {
      return pts >= overlay.from && (overlay.to <= 0 || pts < overlay.to);
    }
  };
  std::vector<Item> items;  // the last one is on top
  PictureSize shown;        // the normalised picture
};
// As OverlayImage::load fails, with "overlays[i]" in front; corrupt_input for a file that is not the planned
// one.
Result<OverlaySet> load_overlays(const Plan& plan);

class OverlayStage final : public Sink<FramePtr> {
 public:
  // The set must outlive the stage; an empty one passes frames on. `burn`: the stream whose subtitles, where
  // frames carry them, lie on top of all (carry_subtitles); -1: none.
  OverlayStage(const OverlaySet& set, Sink<FramePtr>& out, int burn = -1);

  // yuv420p or yuv420p10le with ticks as pts. A frame that no overlay touches passes as it is; one that is
  // touched and shared with others is copied first.
  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

 private:
  void lay_subtitle(AVFrame& frame, std::shared_ptr<const SubtitlePicture> subtitle);

  const OverlaySet& set_;
  Sink<FramePtr>& out_;
  const int burn_;
  OverlayShape shape_;
  std::vector<std::unique_ptr<const OverlayLayer>> layers_;  // null until its first picture
  std::shared_ptr<const SubtitlePicture> subtitle_;          // of the layers below
  std::vector<OverlayLayer> subtitle_layers_;
};

}  // namespace millrace::engine
