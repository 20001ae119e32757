// X264Encoder: libx264 through libavcodec, for segments: an IDR where the clock says so and nowhere else.
#pragma once

#include "engine/backend/backend.h"

namespace millrace::engine {

class X264Encoder final : public Sink<FramePtr> {
 public:
  X264Encoder(const VideoEncoderSettings& settings, TrackSink<PacketPtr>& out)
      : settings_(settings), out_(out) {}

  // Opens the encoder with the first picture: its size and colours hold for the track. A later picture of
  // another size is internal (the scaler's promise).
  Status push(FramePtr frame) override;
  Status finish() override;

 private:
  Status open(const AVFrame& first);
  Status announce();
  Status drain();

  const VideoEncoderSettings settings_;
  TrackSink<PacketPtr>& out_;
  CodecPtr codec_;
  std::int64_t segment_ = -1;
};

}  // namespace millrace::engine
