// draw_slide makes the picture of one slide. Reads files; any thread.
#pragma once

#include "engine/base/status.h"
#include "engine/job/slide_show.h"
#include "engine/pipeline/av.h"

namespace millrace::engine {

// yuv420p, limited range, BT.709, of the show's width and height, which must be set. An image is turned
// upright by its EXIF orientation (JPEG), laid over the background where it is transparent and fitted into
// the frame's middle; a text is wrapped, centred and as large as fits, white on dark backgrounds and black on
// light ones. Fails as OverlayImage::load does; corrupt_input for an image whose file is not the one of
// Slide::sha256; unsupported when no font can show the text.
Result<FramePtr> draw_slide(const SlideShow& show, const Slide& slide);

}  // namespace millrace::engine
