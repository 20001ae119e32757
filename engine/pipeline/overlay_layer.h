// OverlayLayer is one overlay made ready for the pictures of one rendition: scaled, in their colours, at its
// place. Unchanged once made.
#pragma once

#include "engine/job/ladder.h"
#include "engine/pipeline/av.h"
#include "engine/pipeline/overlay_math.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// Where an overlay lies on a picture, in its luma samples; parts of it may lie outside.
struct OverlayPlace {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};
// `shown`: the normalised picture, against which an image of its own size is measured.
OverlayPlace place_of(const PlannedOverlay& overlay, PictureSize image, PictureSize picture,
                      PictureSize shown);

// The pictures that a layer fits.
struct OverlayShape {
  int format = AV_PIX_FMT_NONE;  // yuv420p or yuv420p10le
  int width = 0;
  int height = 0;
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;

  static OverlayShape of(const AVFrame& frame);
  bool fits(const AVFrame& frame) const;
  bool operator==(const OverlayShape&) const = default;
};

class OverlayLayer {
 public:
  // `rgba`: the image, colours not multiplied by alpha.
  OverlayLayer(const PlannedOverlay& overlay, const AVFrame& rgba, PictureSize shown,
               const OverlayShape& shape);

  // Changes the samples it covers; the frame has the layer's shape and is writable.
  void lay(AVFrame& frame) const;
  // What it does to the samples, for who lays it elsewhere; empty where it lies outside the picture.
  const kernels::OverlayPlanes& planes() const { return planes_; }

 private:
  const bool ten_bit_;
  kernels::OverlayPlanes planes_;
};

}  // namespace millrace::engine
