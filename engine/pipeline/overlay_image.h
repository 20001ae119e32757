// OverlayImage: a still that is laid over pictures, decoded whole. Made once, then read by any thread.
#pragma once

#include <string>

#include "engine/base/status.h"
#include "engine/pipeline/av.h"

namespace millrace::engine {

struct OverlayImage {
  FramePtr rgba;  // AV_PIX_FMT_RGBA, colours not multiplied by alpha

  int width() const { return rgba->width; }
  int height() const { return rgba->height; }

  // `url`: a file: URL or a path. PNG, JPEG, WebP, BMP or GIF by content (its first picture); nothing else is
  // opened. not_found, io_error; unsupported for another format and for more than kMostPixels, which is found
  // before anything is decoded; corrupt_input for a damaged image.
  static Result<OverlayImage> load(const std::string& url);
};

}  // namespace millrace::engine
