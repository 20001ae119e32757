// AacEncoder: AAC-LC by FFmpeg's own encoder.
#pragma once

#include <memory>

#include "engine/backend/backend.h"

namespace millrace::engine {

class AacEncoder final : public Sink<FramePtr> {
 public:
  static constexpr int kFrameSamples = 1024;

  static Result<std::unique_ptr<Sink<FramePtr>>> open(const SoundEncoderSettings& settings,
                                                      TrackSink<PacketPtr>& out);

  // 1024 samples of planar float in the track's layout (the last frame may have fewer); pts counts samples
  // from 0. The first packet's pts is minus the priming.
  Status push(FramePtr frame) override;
  Status finish() override;

 private:
  AacEncoder(CodecPtr codec, TrackSink<PacketPtr>& out) : codec_(std::move(codec)), out_(out) {}
  Status drain();

  CodecPtr codec_;
  TrackSink<PacketPtr>& out_;
  bool announced_ = false;
};

}  // namespace millrace::engine
