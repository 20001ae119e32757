// FilmEncoder: libavcodec's encoders for codecs that sources have and no output can. A film in one of them
// shows whether a device decodes it right (schedule/canary.h). One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/rational.h"
#include "engine/pipeline/sink.h"

namespace millrace::engine {

// By FFmpeg's name of the codec ("mpeg2video"): whether there is such an encoder, in an FFmpeg that has it.
bool encodes_film(std::string_view codec);

class FilmEncoder final : public Sink<FramePtr> {
 public:
  // `out` gets packets with numbers of pictures for times: those that come are one after another, at this
  // rate.
  FilmEncoder(std::string codec, Rational rate, TrackSink<PacketPtr>& out)
      : name_(std::move(codec)), rate_(rate), out_(out) {}

  // Opens the encoder with the first picture, yuv420p: its size and colours hold for the film. unsupported
  // for a codec that it does not encode, or for which this FFmpeg has no encoder that does as it is told.
  Status push(FramePtr frame) override;
  Status finish() override;

 private:
  Status open(const AVFrame& first);
  Status announce();
  Status drain();

  const std::string name_;
  const Rational rate_;
  TrackSink<PacketPtr>& out_;
  CodecPtr codec_;
  std::int64_t next_ = 0;
};

}  // namespace millrace::engine
