#include "engine/backend/nvidia/nvidia_backend.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/backend/device_failure.h"
#include "engine/backend/nvidia/colour_stage.h"
#include "engine/backend/nvidia/device_ladder.h"
#include "engine/backend/nvidia/nvenc.h"
#include "engine/backend/nvidia/turn_stage.h"
#include "engine/backend/software/decoder.h"
#include "engine/backend/software/video_encoder.h"
#include "engine/backend/upload_stage.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/media_log.h"

namespace millrace::engine {
namespace {

const Normalisation* step_of(const Plan& plan, std::string_view name) {
  const auto found = std::find_if(plan.normalisations.begin(), plan.normalisations.end(),
                                  [&](const Normalisation& step) { return step.name == name; });
  return found == plan.normalisations.end() ? nullptr : &*found;
}

// Stages that push into one another, wired back to front.
class StepChain final : public Sink<FramePtr> {
 public:
  explicit StepChain(Sink<FramePtr>& out) : first_(&out) {}
  void put_first(std::unique_ptr<Sink<FramePtr>> stage) {
    first_ = stage.get();
    stages_.push_back(std::move(stage));
  }
  Sink<FramePtr>& first() { return *first_; }
  bool empty() const { return stages_.empty(); }

  Status push(FramePtr frame) override { return first_->push(std::move(frame)); }
  Status finish() override { return first_->finish(); }

 private:
  Sink<FramePtr>* first_;
  std::vector<std::unique_ptr<Sink<FramePtr>>> stages_;
};

class NvidiaBackend final : public Backend {
 public:
  explicit NvidiaBackend(std::unique_ptr<NvidiaDevice> device) : device_(std::move(device)) {}

  std::string_view name() const override { return device_->name(); }

  Result<std::unique_ptr<Sink<PacketPtr>>> make_decoder(const DecoderSettings& settings,
                                                        Sink<FramePtr>& out) override {
    const auto av = device_->for_av(Stage::decode);
    if (!av.ok()) return av.status();
    auto decoder =
        SoftwareDecoder::open(settings, {*av, AV_PIX_FMT_CUDA, kHeldDecoded, device_->name()}, out);
    if (!decoder.ok()) return decoder.status();
    return std::unique_ptr<Sink<PacketPtr>>(std::move(*decoder));
  }

  // Sizes and depths are the ladder's.
  FrameStage make_normaliser(const Plan& plan, Sink<FramePtr>& out) override {
    auto chain = std::make_unique<StepChain>(out);
    if (const ColourChange change = colour_change(plan); change != ColourChange::none)
      chain->put_first(std::make_unique<ColourStage>(*device_, change, chain->first()));
    if (step_of(plan, "rotate") != nullptr)
      chain->put_first(std::make_unique<TurnStage>(*device_, *plan.source.main_video(), chain->first()));
    if (step_of(plan, "deinterlace") != nullptr)
      chain->put_first(
          std::make_unique<DeinterlaceStage>(*device_, *plan.source.main_video(), chain->first()));
    if (const Normalisation* tags = step_of(plan, "colours"))
      chain->put_first(std::make_unique<FilterStage>(settings_of(tags->filter), chain->first()));
    return chain->empty() ? FrameStage(nullptr) : FrameStage(std::move(chain));
  }

  FrameStage make_ladder(const Plan& plan, const OverlaySet& overlays, Sink<FramePtr>& out) override {
    auto ladder = DeviceLadder::make(*device_, plan, overlays, out);
    if (!ladder.ok()) return ladder.status();
    return FrameStage(std::move(*ladder));
  }

  std::unique_ptr<Sink<FramePtr>> make_scaler(const ScalerSettings& settings, Sink<FramePtr>& out) override {
    return std::make_unique<RungPick>(settings.rendition, out);
  }

  FrameStage make_download(bool /*ten_bit*/, Sink<FramePtr>& out) override {
    return FrameStage(std::make_unique<SlabWait>(*device_, out));
  }

  FrameStage make_upload(bool ten_bit, Sink<FramePtr>& out) override {
    const auto av = device_->for_av(Stage::filters);
    if (!av.ok()) return av.status();
    FilterStage::Settings settings = settings_of(ten_bit ? "format=p010le,hwupload" : "format=nv12,hwupload");
    settings.device = share(**av);
    return FrameStage(std::make_unique<UploadStage>(std::move(settings), out));
  }

  FrameStage make_video_encoder(const VideoEncoderSettings& settings, TrackSink<PacketPtr>& out) override {
    return FrameStage(
        std::make_unique<VideoEncoder>(settings, nvenc_dialect(settings.codec, device_->name()), out));
  }

 private:
  FilterStage::Settings settings_of(std::string chain) const {
    FilterStage::Settings settings;
    settings.chain = std::move(chain);
    settings.failure = [name = device_->name()](int error) {
      return device_failure(Stage::filters, name, error, media_words());
    };
    return settings;
  }

  std::unique_ptr<NvidiaDevice> device_;
};

}  // namespace

void add_nvidia(Backends& built) {
  built.nvidia = !kernels::kernel_images().empty();
  built.nvidia_steps = {"deinterlace", "rotate", "even_size", "square_pixels", "tone_map", "pixel_format"};
  built.nvidia_encodes = nvenc_encoders_here();
}

std::unique_ptr<Backend> make_nvidia_backend(std::unique_ptr<NvidiaDevice> device) {
  return std::make_unique<NvidiaBackend>(std::move(device));
}

Result<std::unique_ptr<Backend>> open_nvidia_backend(int ordinal) {
  auto device = NvidiaDevice::open(kernels::load_cuda_driver(), ordinal);
  if (!device.ok()) return device.status();
  return make_nvidia_backend(std::move(*device));
}

}  // namespace millrace::engine
