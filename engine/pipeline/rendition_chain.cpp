#include "engine/pipeline/rendition_chain.h"

#include "engine/plan/decode_check.h"
#include "engine/plan/threads.h"

namespace millrace::engine {
namespace {

// One is usual; another driver after a restart may write others. The CPU's come on top of them.
constexpr int kMostHeadersOfDevices = 4;

}  // namespace

Result<std::unique_ptr<RenditionChain>> RenditionChain::make(
    const Plan& plan, const PlannedRendition& rendition, std::int64_t first_segment,
    const std::filesystem::path& output_folder, BackendSet& backends, const OverlaySet& overlays,
    const SegmentTally& tally, TaskObserver& observer) {
  const Rational rate = rate_of(plan, rendition);
  std::unique_ptr<RenditionChain> chain(new RenditionChain);

  TrackFiles files;
  files.output_folder = output_folder;
  files.folder = rendition.folder;
  files.frame_rate = rate;
  files.encode_device = rendition.encode_device;
  if (rendition.encode_device != kCpu)
    files.most_headers = kMostHeadersOfDevices;
  else if (rendition.stepped_down)
    files.most_headers = kMostHeadersOfDevices + 1;
  files.check_threads = check_threads_for(rendition.encoder_threads);
  files.full_decode_every = full_decode_every(plan, rendition);
  files.language = plan.source.main_video()->language;
  files.frames_in = [&tally](const CodedSegment& segment) { return tally.frames_in(segment.index); };
  chain->writer_ = std::make_unique<SegmentWriter>(std::move(files), observer);

  chain->segmenter_ = std::make_unique<Segmenter>(
      SegmenterSettings{plan.clock, kTicksPerSecond, rate, &tally}, *chain->writer_);
  auto encode = EncodeChain::make(plan, rendition, backends.of(plan.filter_device),
                                  backends.of(rendition.encode_device), overlays, *chain->segmenter_);
  if (!encode.ok()) return encode.status();
  chain->encode_ = std::move(*encode);
  chain->start_ = std::make_unique<LateStart>(plan.clock.start_of(first_segment), chain->encode_->entry());
  return chain;
}

}  // namespace millrace::engine
