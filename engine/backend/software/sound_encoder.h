// SoundEncoder: one of libavcodec's sound encoders behind what cuts and converts frames for it. One thread.
#pragma once

#include <memory>

#include "engine/backend/backend.h"
#include "engine/pipeline/filter_stage.h"

namespace millrace::engine {

class SoundEncoder final : public Sink<FramePtr> {
 public:
  // invalid_argument or unsupported for a rate, a number of channels or bits per second that the codec does
  // not have.
  static Result<std::unique_ptr<Sink<FramePtr>>> open(const SoundEncoderSettings& settings,
                                                      TrackSink<PacketPtr>& out);

  // Planar float in the track's rate and FFmpeg's default layout of its channels (six: 5.1), frames of any
  // length; pts counts samples from 0 without a gap. The first packet's pts is minus the priming.
  Status push(FramePtr frame) override { return filter_.push(std::move(frame)); }
  Status finish() override { return filter_.finish(); }

 private:
  // Takes frames as the codec wants them.
  class Codec final : public Sink<FramePtr> {
   public:
    Codec(CodecPtr codec, TrackSink<PacketPtr>& out) : codec_(std::move(codec)), out_(out) {}
    Status push(FramePtr frame) override;
    Status finish() override;
    const AVCodecContext& context() const { return *codec_; }

   private:
    Status announce();
    Status drain();

    CodecPtr codec_;
    TrackSink<PacketPtr>& out_;
    bool fed_ = false;
    bool announced_ = false;
  };

  SoundEncoder(CodecPtr codec, TrackSink<PacketPtr>& out);

  Codec codec_;
  FilterStage filter_;
};

}  // namespace millrace::engine
