#include "engine/pipeline/rendition_chain.h"

namespace millrace::engine {

Result<std::unique_ptr<RenditionChain>> RenditionChain::make(const Plan& plan,
                                                             const PlannedRendition& rendition,
                                                             std::int64_t first_segment,
                                                             const std::filesystem::path& output_folder,
                                                             Backend& backend, const SegmentTally& tally,
                                                             TaskObserver& observer) {
  const VideoTrack& video = *plan.source.main_video();
  const Rational rate = rendition.frame_rate.known() ? rendition.frame_rate : video.frame_rate;
  std::unique_ptr<RenditionChain> chain(new RenditionChain);

  TrackFiles files;
  files.output_folder = output_folder;
  files.folder = rendition.folder;
  files.frame_rate = rate;
  files.language = video.language;
  files.frames_in = [&tally](const CodedSegment& segment) { return tally.frames_in(segment.index); };
  chain->writer_ = std::make_unique<SegmentWriter>(std::move(files), observer);

  chain->segmenter_ = std::make_unique<Segmenter>(
      SegmenterSettings{plan.clock, kTicksPerSecond, rate, &tally}, *chain->writer_);
  VideoEncoderSettings settings;
  settings.codec = rendition.codec;
  settings.preset = rendition.preset;
  settings.bits_per_second = rendition.bits_per_second;
  settings.frame_rate = rate;
  settings.threads = rendition.encoder_threads;
  settings.clock = plan.clock;
  auto encoder = backend.make_video_encoder(settings, *chain->segmenter_);
  if (!encoder.ok()) return encoder.status().under(rendition.folder);
  chain->encoder_ = std::move(*encoder);
  chain->scaler_ = backend.make_scaler(rendition.width, rendition.height, *chain->encoder_);
  chain->start_ = std::make_unique<LateStart>(plan.clock.start_of(first_segment), *chain->scaler_);
  chain->limiter_ = std::make_unique<RateLimiter>(rendition.max_frame_rate, plan.clock, *chain->start_);
  return chain;
}

}  // namespace millrace::engine
