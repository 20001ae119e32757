// OverlayImage: a still that is laid over pictures or shown as a slide, decoded whole. Made once, then read
// by any thread.
#pragma once

#include <string>

#include "engine/base/status.h"
#include "engine/pipeline/av.h"

namespace millrace::engine {

struct OverlayImage {
  // AV_PIX_FMT_RGBA, colours not multiplied by alpha; upright, by the EXIF orientation of a JPEG.
  FramePtr rgba;
  std::string sha256;  // of the file

  int width() const { return rgba->width; }
  int height() const { return rgba->height; }

  // `url`: a file: URL, a path or http(s). PNG, JPEG, WebP, BMP or GIF by content (its first picture);
  // nothing else is opened. not_found, io_error; unsupported for another format and for more than
  // kMostPixels, which is found before anything is decoded; corrupt_input for a damaged image.
  static Result<OverlayImage> load(const std::string& url);
};

}  // namespace millrace::engine
