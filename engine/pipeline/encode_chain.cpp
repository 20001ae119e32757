#include "engine/pipeline/encode_chain.h"

#include <algorithm>

#include "engine/backend/software/encoder_dialect.h"
#include "engine/plan/stage.h"

namespace millrace::engine {

Rational rate_of(const Plan& plan, const PlannedRendition& rendition) {
  return rendition.frame_rate.known() ? rendition.frame_rate : plan.source.main_video()->frame_rate;
}

Result<std::unique_ptr<EncodeChain>> EncodeChain::make(const Plan& plan, const PlannedRendition& rendition,
                                                       Backend& filters, Backend& encode,
                                                       const OverlaySet& overlays,
                                                       TrackSink<PacketPtr>& out) {
  std::unique_ptr<EncodeChain> chain(new EncodeChain);
  VideoEncoderSettings settings;
  settings.codec = rendition.codec;
  settings.preset = rendition.preset;
  settings.bits_per_second = rendition.bits_per_second;
  settings.frame_rate = rate_of(plan, rendition);
  settings.threads = rendition.encoder_threads;
  settings.clock = plan.clock;
  settings.quality = rendition.quality;
  settings.max_bits_per_second = rendition.max_bits_per_second;
  settings.gop_ticks = rendition.gop_ticks;
  settings.ten_bit = rendition.ten_bit;
  if (rendition.may_change_headers())
    settings.least_reorder_frames = cpu_reorder_frames(rendition.codec, rendition.preset);
  if (rendition.ten_bit) settings.hdr = plan.source.main_video()->hdr;
  auto encoder = encode.make_video_encoder(settings, out);
  if (!encoder.ok())
    return encoder.status().under(rendition.folder.empty() ? rendition.name : rendition.folder);
  chain->encoder_ = std::move(*encoder);
  Sink<FramePtr>* next = chain->encoder_.get();
  const bool crosses = &filters != &encode;
  if (crosses)
    if (Status s = put_before(next, encode.make_upload(rendition.ten_bit, *next), chain->upload_); !s.ok())
      return s;
  // What is made in one go is filtered on the CPU, wherever the plan's renditions are.
  static const OverlaySet kNone;
  const bool laid_before = filters.name() != kCpu && filters.name() == plan.overlay_device();
  chain->overlay_ = std::make_unique<OverlayStage>(laid_before ? kNone : overlays, *next, rendition.burn);
  next = chain->overlay_.get();
  if (crosses)
    if (Status s = put_before(next, filters.make_download(rendition.ten_bit, *next), chain->download_);
        !s.ok())
      return s;
  const auto index =
      static_cast<std::size_t>(std::find_if(plan.renditions.begin(), plan.renditions.end(),
                                            [&](const auto& each) { return &each == &rendition; }) -
                               plan.renditions.begin());
  chain->scaler_ = filters.make_scaler({rendition.width, rendition.height, rendition.ten_bit, index}, *next);
  chain->limiter_ = std::make_unique<RateLimiter>(rendition.max_frame_rate, plan.clock, *chain->scaler_);
  return chain;
}

}  // namespace millrace::engine
