#include "engine/backend/nvidia/device_overlays.h"

#include <utility>

#include "engine/backend/device_failure.h"

namespace millrace::engine {

DeviceOverlays::DeviceOverlays(const NvidiaDevice& device, const Plan& plan, const OverlaySet& set)
    : device_(device), set_(set), shown_(set.items.size()) {
  for (const PlannedRendition& each : plan.renditions) {
    Rung rung;
    rung.shape.format = each.ten_bit ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
    rung.shape.width = each.width;
    rung.shape.height = each.height;
    rung.layers.resize(set.items.size());
    rungs_.push_back(std::move(rung));
  }
}

Status DeviceOverlays::lay(Rung& rung) const {
  kernels::OverlayPlanes all;
  for (std::size_t i = 0; i < set_.items.size(); ++i) {
    if (!shown_[i]) continue;
    const OverlaySet::Item& item = set_.items[i];
    if (!rung.layers[i])
      rung.layers[i] =
          std::make_unique<const OverlayLayer>(item.overlay, *item.image->rgba, set_.shown, rung.shape);
    all = kernels::laid_over(all, rung.layers[i]->planes());
  }
  // Queued launches have read the old ones when their memory goes: giving it back waits for them.
  rung.tables.reset();
  rung.there.reset();
  if (all[0].blends.empty()) return {};
  rung.tables.emplace(all);
  rung.there = std::make_unique<kernels::CudaMemory>(device_.session(), rung.tables->bytes());
  if (rung.there->address() == nullptr)
    return device_failure(Stage::filters, device_.name(), AVERROR(ENOMEM), "no memory for the overlays");
  return {};
}

Status DeviceOverlays::fit(const AVFrame& frame) {
  bool changed = false;
  for (std::size_t i = 0; i < set_.items.size(); ++i) {
    const bool shown = set_.items[i].is_shown_at(frame.pts);
    changed = changed || shown != shown_[i];
    shown_[i] = shown;
  }
  for (Rung& rung : rungs_) {
    OverlayShape shape = rung.shape;
    shape.matrix = frame.colorspace;
    shape.range = frame.color_range;
    shape.transfer = frame.color_trc;
    const bool other_colours = !(shape == rung.shape);
    if (other_colours) {
      rung.shape = shape;
      for (auto& layer : rung.layers) layer.reset();
    }
    if (changed || other_colours)
      if (Status status = lay(rung); !status.ok()) return status;
  }
  return {};
}

kernels::Overlay DeviceOverlays::of(std::size_t rendition) const {
  const Rung& rung = rungs_[rendition];
  return rung.tables ? rung.tables->at(rung.there->address()) : kernels::Overlay();
}

}  // namespace millrace::engine
