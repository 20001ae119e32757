#include "engine/pipeline/overlay.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/plan/normalise.h"

namespace millrace::engine {

Result<OverlaySet> load_overlays(const Plan& plan) {
  OverlaySet set;
  if (plan.overlays.empty()) return set;
  if (const VideoTrack* video = plan.source.main_video()) set.shown = shown_size(*video);
  for (std::size_t i = 0; i < plan.overlays.size(); ++i) {
    const PlannedOverlay& overlay = plan.overlays[i];
    const auto same = std::find_if(set.items.begin(), set.items.end(), [&](const OverlaySet::Item& item) {
      return item.overlay.url == overlay.url;
    });
    if (same != set.items.end()) {
      set.items.push_back({overlay, same->image});
      continue;
    }
    auto image = OverlayImage::load(overlay.url);
    if (!image.ok()) return image.status().under(fmt::format("overlays[{}]", i));
    if (!overlay.sha256.empty() && image->sha256 != overlay.sha256)
      return Status(
          Code::corrupt_input,
          fmt::format(
              "overlays[{}]: {}: the file has changed since the job was planned; submit the job again", i,
              overlay.url));
    set.items.push_back({overlay, std::make_shared<const OverlayImage>(std::move(*image))});
  }
  return set;
}

OverlayStage::OverlayStage(const OverlaySet& set, Sink<FramePtr>& out, int burn)
    : set_(set), out_(out), burn_(burn), layers_(set.items.size()) {}

Status OverlayStage::push(FramePtr frame) {
  const auto touches = [&](const OverlaySet::Item& item) { return item.is_shown_at(frame->pts); };
  auto subtitle = take_subtitles(*frame, burn_);
  if (!subtitle && std::none_of(set_.items.begin(), set_.items.end(), touches))
    return out_.push(std::move(frame));
  if (frame->format != AV_PIX_FMT_YUV420P && frame->format != AV_PIX_FMT_YUV420P10LE)
    return Status(Code::internal, "overlays are laid over yuv420p and yuv420p10le alone");
  if (!shape_.fits(*frame)) {
    shape_ = OverlayShape::of(*frame);
    for (auto& layer : layers_) layer.reset();
    subtitle_.reset();
  }
  if (const int error = av_frame_make_writable(frame.get()); error < 0)
    return av_status(error, "a picture for the overlays");
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const OverlaySet::Item& item = set_.items[i];
    if (!touches(item)) continue;
    if (!layers_[i])
      layers_[i] = std::make_unique<const OverlayLayer>(item.overlay, *item.image->rgba, set_.shown, shape_);
    layers_[i]->lay(*frame);
  }
  if (subtitle) lay_subtitle(*frame, std::move(subtitle));
  return out_.push(std::move(frame));
}

void OverlayStage::lay_subtitle(AVFrame& frame, std::shared_ptr<const SubtitlePicture> subtitle) {
  if (subtitle != subtitle_) {
    subtitle_layers_.clear();
    for (const SubtitlePicture::Part& part : subtitle->parts)
      subtitle_layers_.emplace_back(part.place, *part.rgba, set_.shown, shape_);
    subtitle_ = std::move(subtitle);
  }
  for (const OverlayLayer& layer : subtitle_layers_) layer.lay(frame);
}

}  // namespace millrace::engine
