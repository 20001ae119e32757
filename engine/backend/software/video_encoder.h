// VideoEncoder: one of libavcodec's video encoders, for segments: a key frame (IDR) where a segment or a GOP
// begins and nowhere else, and nothing that refers across one.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "engine/backend/backend.h"
#include "engine/backend/software/encoder_dialect.h"

namespace millrace::engine {

class VideoEncoder final : public Sink<FramePtr> {
 public:
  VideoEncoder(const VideoEncoderSettings& settings, TrackSink<PacketPtr>& out)
      : VideoEncoder(settings, dialect_of(settings.codec), out) {}
  // Of a dialect with a device, pictures are that device's own, and a failure is blamed_on() encoding.
  VideoEncoder(const VideoEncoderSettings& settings, EncoderDialect dialect, TrackSink<PacketPtr>& out)
      : settings_(settings), dialect_(std::move(dialect)), out_(out) {}

  // Opens the encoder with the first picture: its size and colours hold for the track. A later picture of
  // another size or format is internal (the scaler's promise). Blocks while the encoder is busy.
  Status push(FramePtr frame) override;
  Status finish() override;

 private:
  bool opens_gop(std::int64_t pts);
  Status open();
  Status announce();
  Status drain();
  // Ends the stream of the encoder that is open; what it still holds goes on.
  Status close();
  Status passes_on(PacketPtr packet);
  bool on_device() const { return !dialect_.device.empty(); }
  Status failed(int error, const std::string& what) const;

  const VideoEncoderSettings settings_;
  const EncoderDialect dialect_;
  TrackSink<PacketPtr>& out_;
  FramePtr shape_;  // the first picture's properties, no data
  CodecPtr codec_;
  bool announced_ = false;
  std::string headers_;  // as announced
  std::int64_t segment_ = -1;
  std::int64_t gop_ = -1;
  // Of frames that are numbered, in order, since the encoder was opened.
  struct Time {
    std::int64_t pts = 0;
    std::int64_t duration = 0;
  };
  std::deque<Time> times_;
  std::int64_t next_number_ = 0;
};

}  // namespace millrace::engine
