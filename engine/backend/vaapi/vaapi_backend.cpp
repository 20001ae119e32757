#include "engine/backend/vaapi/vaapi_backend.h"

#include <fmt/format.h>

#include <new>
#include <string>
#include <utility>

#include "engine/backend/device_failure.h"
#include "engine/backend/software/decoder.h"
#include "engine/backend/software/video_encoder.h"
#include "engine/backend/upload_stage.h"
#include "engine/backend/vaapi/every_picture.h"
#include "engine/backend/vaapi/vaapi_codecs.h"
#include "engine/backend/vaapi/vaapi_filters.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/hdr_metadata.h"
#include "engine/pipeline/media_log.h"

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/mastering_display_metadata.h>
}

namespace millrace::engine {
namespace {

FilterStage::Settings settings_of(std::string chain, const VaapiDevice& device) {
  FilterStage::Settings settings;
  settings.chain = std::move(chain);
  settings.device = share(device.context());
  settings.failure = [name = device.name()](int error) {
    return device_failure(Stage::filters, name, error, media_words());
  };
  return settings;
}

class VaapiScaler final : public Sink<FramePtr> {
 public:
  VaapiScaler(const ScalerSettings& settings, const VaapiDevice& device, Sink<FramePtr>& out)
      : settings_(settings), out_(out), filter_(settings_of(vaapi_scaling_chain(settings), device), out) {}

  Status push(FramePtr frame) override {
    const AVPixelFormat wanted = settings_.ten_bit ? AV_PIX_FMT_P010LE : AV_PIX_FMT_NV12;
    if (frame->width == settings_.width && frame->height == settings_.height &&
        format_on_device(*frame) == wanted)
      return out_.push(std::move(frame));
    return filter_.push(std::move(frame));
  }
  Status finish() override { return filter_.finish(); }

 private:
  const ScalerSettings settings_;
  Sink<FramePtr>& out_;
  FilterStage filter_;  // used for pictures that do not fit already; holds none back
};

// The mastering display of a track on each picture: tonemap_vaapi wants it there, and some tracks say it in
// their container alone.
class MasteringStage final : public Sink<FramePtr> {
 public:
  MasteringStage(MasteringDisplayPtr display, std::unique_ptr<Sink<FramePtr>> out)
      : display_(std::move(display)), out_(std::move(out)) {}

  Status push(FramePtr frame) override {
    if (av_frame_get_side_data(frame.get(), AV_FRAME_DATA_MASTERING_DISPLAY_METADATA) == nullptr) {
      AVMasteringDisplayMetadata* made = av_mastering_display_metadata_create_side_data(frame.get());
      if (made == nullptr) throw std::bad_alloc();
      *made = *display_;
    }
    return out_->push(std::move(frame));
  }
  Status finish() override { return out_->finish(); }

 private:
  const MasteringDisplayPtr display_;
  const std::unique_ptr<Sink<FramePtr>> out_;
};

bool has_step(const Plan& plan, std::string_view name) {
  for (const Normalisation& step : plan.normalisations)
    if (step.name == name) return true;
  return false;
}

class VaapiBackend final : public Backend {
 public:
  explicit VaapiBackend(VaapiDevice device) : device_(std::move(device)) {}

  std::string_view name() const override { return device_.name(); }

  Result<std::unique_ptr<Sink<PacketPtr>>> make_decoder(const DecoderSettings& settings,
                                                        Sink<FramePtr>& out) override {
    auto decoder = SoftwareDecoder::open(
        settings, {&device_.context(), AV_PIX_FMT_VAAPI, kHeldSurfaces, device_.name()}, out);
    if (!decoder.ok()) return decoder.status();
    return std::unique_ptr<Sink<PacketPtr>>(std::move(decoder).value());
  }

  FrameStage make_normaliser(const Plan& plan, Sink<FramePtr>& out) override {
    const Result<std::string> chain = vaapi_normalising_chain(plan);
    if (!chain.ok()) return blamed_on(Stage::filters, chain.status());
    if (chain->empty()) return FrameStage(nullptr);
    FilterStage::Settings settings = settings_of(*chain, device_);
    const VideoTrack& video = *plan.source.main_video();
    settings.frame_rate = video.frame_rate.known() ? to_av(video.frame_rate) : AVRational{0, 1};
    const int neighbours = has_step(plan, "deinterlace") ? kDeinterlacerNeighbours : 0;
    auto stage = std::make_unique<EveryPicture>(std::move(settings), neighbours, device_.name(), out);
    if (!has_step(plan, "tone_map")) return std::unique_ptr<Sink<FramePtr>>(std::move(stage));
    Result<MasteringDisplayPtr> display = mastering_display_of(video.hdr.mastering_display);
    if (!display.ok()) return blamed_on(Stage::filters, display.status());
    return std::unique_ptr<Sink<FramePtr>>(
        std::make_unique<MasteringStage>(std::move(display).value(), std::move(stage)));
  }

  std::unique_ptr<Sink<FramePtr>> make_scaler(const ScalerSettings& settings, Sink<FramePtr>& out) override {
    return std::make_unique<VaapiScaler>(settings, device_, out);
  }

  FrameStage make_upload(bool ten_bit, Sink<FramePtr>& out) override {
    return std::unique_ptr<Sink<FramePtr>>(
        std::make_unique<UploadStage>(settings_of(vaapi_upload_chain(ten_bit), device_), out));
  }

  FrameStage make_download(bool ten_bit, Sink<FramePtr>& out) override {
    return std::unique_ptr<Sink<FramePtr>>(
        std::make_unique<FilterStage>(settings_of(vaapi_download_chain(ten_bit), device_), out));
  }

  FrameStage make_video_encoder(const VideoEncoderSettings& settings, TrackSink<PacketPtr>& out) override {
    const Result<VaEncoding> encoding = device_.encoding(settings.codec, settings.ten_bit);
    if (!encoding.ok()) return blamed_on(Stage::encode, encoding.status());
    return std::unique_ptr<Sink<FramePtr>>(std::make_unique<VideoEncoder>(
        settings, vaapi_dialect(settings.codec, *encoding, device_.name()), out));
  }

 private:
  const VaapiDevice device_;
};

}  // namespace

Result<std::unique_ptr<Backend>> make_vaapi_backend(std::string_view device) {
  Result<VaapiDevice> opened = VaapiDevice::open(device);
  if (!opened.ok()) return opened.status();
  return make_vaapi_backend(std::move(opened).value());
}

std::unique_ptr<Backend> make_vaapi_backend(VaapiDevice device) {
  return std::make_unique<VaapiBackend>(std::move(device));
}

}  // namespace millrace::engine
