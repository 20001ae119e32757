#include "engine/backend/software/software_backend.h"

#include "engine/backend/software/decoder.h"
#include "engine/backend/software/scaler.h"
#include "engine/backend/software/sound_encoder.h"
#include "engine/backend/software/video_encoder.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/picture_shape.h"
#include "engine/plan/dynamic_range.h"

namespace millrace::engine {
namespace {

class SoftwareBackend final : public Backend {
 public:
  std::string_view name() const override { return "cpu"; }

  Result<std::unique_ptr<Sink<PacketPtr>>> make_decoder(const DecoderSettings& settings,
                                                        Sink<FramePtr>& out) override {
    Result<std::unique_ptr<SoftwareDecoder>> decoder = SoftwareDecoder::open(settings, out);
    if (!decoder.ok()) return decoder.status();
    return std::unique_ptr<Sink<PacketPtr>>(std::move(decoder).value());
  }

  FrameStage make_normaliser(const Plan& plan, Sink<FramePtr>& out) override {
    FilterStage::Settings settings;
    const VideoTrack& video = *plan.source.main_video();
    settings.chain_for = chain_by_shape(video, keeps_hdr(plan), plan.normalise_filter(), "");
    const Rational& rate = video.frame_rate;
    settings.frame_rate = rate.known() ? to_av(rate) : AVRational{0, 1};
    settings.threads = plan.decoder_threads;
    return FrameStage(std::make_unique<FilterStage>(std::move(settings), out));
  }

  std::unique_ptr<Sink<FramePtr>> make_scaler(const ScalerSettings& settings, Sink<FramePtr>& out) override {
    return std::make_unique<Scaler>(settings, out);
  }

  Result<std::unique_ptr<Sink<FramePtr>>> make_video_encoder(const VideoEncoderSettings& settings,
                                                             TrackSink<PacketPtr>& out) override {
    return std::unique_ptr<Sink<FramePtr>>(std::make_unique<VideoEncoder>(settings, out));
  }

  Result<std::unique_ptr<Sink<FramePtr>>> make_sound_encoder(const SoundEncoderSettings& settings,
                                                             TrackSink<PacketPtr>& out) override {
    return SoundEncoder::open(settings, out);
  }
};

}  // namespace

std::unique_ptr<Backend> make_software_backend() { return std::make_unique<SoftwareBackend>(); }

}  // namespace millrace::engine
