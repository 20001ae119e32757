// FakeDevice: a device that encodes what the CPU decoded, by the CPU's own encoders at other settings, so
// that its headers are others; it fails where the test says so.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "engine/backend/backend_set.h"
#include "engine/backend/device_failure.h"
#include "engine/backend/software/annexb.h"
#include "engine/backend/software/video_encoder.h"
#include "engine/package/hdr_units.h"
#include "engine/pipeline/av.h"

namespace millrace::test {

inline constexpr const char* kFakeDevice = "vaapi:/dev/dri/renderD128";

// What NVENC says when all of its sessions are taken.
inline engine::Status no_sessions_left() {
  return engine::device_failure(engine::Stage::encode, kFakeDevice, AVERROR(EINVAL),
                                "OpenEncodeSessionEx failed: incompatible client key (21): (no details)");
}

// No B-frames; of H.264 another entropy coder, of HEVC other blocks, of AV1 grain.
inline engine::EncoderDialect fake_dialect(engine::VideoCodec codec) {
  using engine::VideoCodec;
  engine::EncoderDialect dialect = engine::dialect_of(codec);
  dialect.device = kFakeDevice;
  dialect.reorder_frames = [](const AVCodecContext&) { return 0; };
  if (codec == VideoCodec::hevc) dialect.with_hdr = engine::hevc_with_hdr;
  if (codec == VideoCodec::av1) dialect.with_hdr = engine::av1_with_hdr;
  dialect.configure = [codec](const engine::VideoEncoderSettings& settings, AVCodecContext& context,
                              engine::EncoderOptions& options) -> engine::Status {
    engine::set_average_and_peak(settings, context);
    context.thread_count = 1;
    if (codec == VideoCodec::av1) {
      context.gop_size = 1000;
      context.flags |= AV_CODEC_FLAG_CLOSED_GOP;
      options = {{"preset", "12"}, {"svtav1-params", "scd=0:lp=1:film-grain=5"}};
      return {};
    }
    const bool hevc = codec == VideoCodec::hevc;
    options = {{"preset", "ultrafast"}, {"forced-idr", "1"}};
    options.emplace_back(
        hevc ? "x265-params" : "x264-params",
        hevc ? "log-level=none:info=0:keyint=-1:scenecut=0:open-gop=0:bframes=0:repeat-headers=0:"
               "annexb=1:ctu=16:pools=1:frame-threads=1"
             : "scenecut=0:keyint=infinite:annexb=1:bframes=0:cabac=0:8x8dct=0:weightp=0");
    return {};
  };
  return dialect;
}

class FakeDevice final : public engine::Backend {
 public:
  // Asked before each picture is encoded, from several threads.
  using Before = std::function<engine::Status(const engine::VideoEncoderSettings&, std::int64_t pts)>;
  explicit FakeDevice(Before before) : before_(std::move(before)) {}

  std::string_view name() const override { return kFakeDevice; }
  engine::Result<std::unique_ptr<engine::Sink<engine::PacketPtr>>> make_decoder(
      const engine::DecoderSettings&, engine::Sink<engine::FramePtr>&) override {
    return none(engine::Stage::decode);
  }
  FrameStage make_normaliser(const engine::Plan&, engine::Sink<engine::FramePtr>&) override {
    return none(engine::Stage::filters);
  }
  std::unique_ptr<engine::Sink<engine::FramePtr>> make_scaler(const engine::ScalerSettings&,
                                                              engine::Sink<engine::FramePtr>&) override {
    return nullptr;
  }
  // Its pictures lie in the CPU's memory.
  FrameStage make_upload(bool, engine::Sink<engine::FramePtr>&) override { return FrameStage(nullptr); }
  FrameStage make_download(bool, engine::Sink<engine::FramePtr>&) override { return FrameStage(nullptr); }
  FrameStage make_video_encoder(const engine::VideoEncoderSettings& settings,
                                engine::TrackSink<engine::PacketPtr>& out) override {
    return std::unique_ptr<engine::Sink<engine::FramePtr>>(std::make_unique<Encoder>(settings, before_, out));
  }

 private:
  class Encoder final : public engine::Sink<engine::FramePtr> {
   public:
    Encoder(const engine::VideoEncoderSettings& settings, const Before& before,
            engine::TrackSink<engine::PacketPtr>& out)
        : settings_(settings), before_(before), encoder_(settings, fake_dialect(settings.codec), out) {}
    engine::Status push(engine::FramePtr frame) override {
      if (engine::Status s = before_(settings_, frame->pts); !s.ok()) return s;
      return encoder_.push(std::move(frame));
    }
    engine::Status finish() override { return encoder_.finish(); }

   private:
    const engine::VideoEncoderSettings settings_;
    const Before& before_;
    engine::VideoEncoder encoder_;
  };

  static engine::Status none(engine::Stage stage) {
    return engine::blamed_on(stage, {engine::Code::unsupported, "this device encodes alone"});
  }

  const Before before_;
};

// The backends of this build, and FakeDevice in the place of its device.
inline engine::OpenBackend with_fake_device(FakeDevice::Before before) {
  return [before = std::move(before)](
             const std::string& device) -> engine::Result<std::unique_ptr<engine::Backend>> {
    if (device != kFakeDevice) return engine::open_backend(device);
    return std::unique_ptr<engine::Backend>(std::make_unique<FakeDevice>(before));
  };
}

}  // namespace millrace::test
