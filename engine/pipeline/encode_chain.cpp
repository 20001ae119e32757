#include "engine/pipeline/encode_chain.h"

namespace millrace::engine {

Rational rate_of(const Plan& plan, const PlannedRendition& rendition) {
  return rendition.frame_rate.known() ? rendition.frame_rate : plan.source.main_video()->frame_rate;
}

Result<std::unique_ptr<EncodeChain>> EncodeChain::make(const Plan& plan, const PlannedRendition& rendition,
                                                       Backend& backend, const OverlaySet& overlays,
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
  if (rendition.ten_bit) settings.hdr = plan.source.main_video()->hdr;
  auto encoder = backend.make_video_encoder(settings, out);
  if (!encoder.ok())
    return encoder.status().under(rendition.folder.empty() ? rendition.name : rendition.folder);
  chain->encoder_ = std::move(*encoder);
  chain->overlay_ = std::make_unique<OverlayStage>(overlays, *chain->encoder_, rendition.burn);
  chain->scaler_ =
      backend.make_scaler({rendition.width, rendition.height, rendition.ten_bit}, *chain->overlay_);
  chain->limiter_ = std::make_unique<RateLimiter>(rendition.max_frame_rate, plan.clock, *chain->scaler_);
  return chain;
}

}  // namespace millrace::engine
