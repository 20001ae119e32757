#include "engine/backend/software/software_backend.h"

#include <fmt/format.h>

#include "engine/backend/software/aac_encoder.h"
#include "engine/backend/software/decoder.h"
#include "engine/backend/software/scaler.h"
#include "engine/backend/software/x264_encoder.h"

namespace millrace::engine {
namespace {

class SoftwareBackend final : public Backend {
 public:
  std::string_view name() const override { return "cpu"; }

  Result<std::unique_ptr<Sink<PacketPtr>>> make_decoder(const DecoderSettings& settings,
                                                        Sink<FramePtr>& out) override {
    return SoftwareDecoder::open(settings, out);
  }

  std::unique_ptr<Sink<FramePtr>> make_scaler(int width, int height, Sink<FramePtr>& out) override {
    return std::make_unique<Scaler>(width, height, out);
  }

  Result<std::unique_ptr<Sink<FramePtr>>> make_video_encoder(const VideoEncoderSettings& settings,
                                                             TrackSink<PacketPtr>& out) override {
    if (settings.codec != VideoCodec::h264)
      return Status(Code::unsupported,
                    fmt::format("encoding {} on the CPU is not built in; use h264", name_of(settings.codec)));
    return std::unique_ptr<Sink<FramePtr>>(std::make_unique<X264Encoder>(settings, out));
  }

  Result<std::unique_ptr<Sink<FramePtr>>> make_sound_encoder(const SoundEncoderSettings& settings,
                                                             TrackSink<PacketPtr>& out) override {
    return AacEncoder::open(settings, out);
  }
};

}  // namespace

std::unique_ptr<Backend> make_software_backend() { return std::make_unique<SoftwareBackend>(); }

}  // namespace millrace::engine
