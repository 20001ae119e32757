#include "engine/pipeline/subtitle_picture.h"

#include <algorithm>
#include <new>

namespace millrace::engine {
namespace {

using Carried = std::shared_ptr<const SubtitlesOver>;

// DVB (EN 300 743) and DVD: 720 or fewer samples a line, whatever the shape of the screen.
constexpr int kWidestStandardDefinition = 720;

void free_carried(void* /*opaque*/, std::uint8_t* data) { delete reinterpret_cast<Carried*>(data); }

}  // namespace

void carry_subtitles(AVFrame& frame, std::shared_ptr<const SubtitlesOver> subtitles) {
  av_buffer_unref(&frame.opaque_ref);
  if (!subtitles) return;
  auto carried = std::make_unique<Carried>(std::move(subtitles));
  frame.opaque_ref = av_buffer_create(reinterpret_cast<std::uint8_t*>(carried.get()), sizeof(Carried),
                                      free_carried, nullptr, AV_BUFFER_FLAG_READONLY);
  if (frame.opaque_ref == nullptr) throw std::bad_alloc();
  static_cast<void>(carried.release());
}

std::shared_ptr<const SubtitlePicture> take_subtitles(AVFrame& frame, int stream) {
  if (frame.opaque_ref == nullptr) return nullptr;
  const Carried carried = *reinterpret_cast<const Carried*>(frame.opaque_ref->data);
  av_buffer_unref(&frame.opaque_ref);
  const auto found = carried->find(stream);
  return found == carried->end() ? nullptr : found->second;
}

CanvasPlace canvas_on(PictureSize canvas, PictureSize coded, PictureSize shown) {
  if (canvas.width <= 0 || canvas.height <= 0 || coded.height <= 0 || shown.width <= 0 || shown.height <= 0)
    return {};
  double height = 1;
  if (canvas.width == coded.width)
    height = static_cast<double>(canvas.height) / coded.height;
  else if (canvas.width > kWidestStandardDefinition)
    height =
        static_cast<double>(canvas.height) * shown.width / (static_cast<double>(canvas.width) * shown.height);
  return {(1 - height) / 2, height};
}

PlannedOverlay place_of_part(int x, int y, PictureSize part, PictureSize canvas, const CanvasPlace& place) {
  PlannedOverlay overlay;
  overlay.width = std::min(static_cast<double>(part.width) / canvas.width, 1.0);
  overlay.height = std::min(place.height * part.height / canvas.height, 1.0);
  overlay.x = std::clamp(static_cast<double>(x) / canvas.width, 0.0, 1 - overlay.width);
  overlay.y = std::clamp(place.top + place.height * y / canvas.height, 0.0, 1 - overlay.height);
  return overlay;
}

}  // namespace millrace::engine
