// SoftwareDecoder: libavcodec, for pictures and sound. It refuses damage instead of hiding it.
#pragma once

#include <memory>

#include "engine/backend/backend.h"

namespace millrace::engine {

class SoftwareDecoder final : public Sink<PacketPtr> {
 public:
  // unsupported when this FFmpeg has no such decoder.
  static Result<std::unique_ptr<Sink<PacketPtr>>> open(const DecoderSettings& settings, Sink<FramePtr>& out);

  Status push(PacketPtr packet) override;
  // corrupt_input when not one frame came out.
  Status finish() override;

 private:
  SoftwareDecoder(const DecoderSettings& settings, CodecPtr codec, Sink<FramePtr>& out);
  Status drain();
  Status damaged(std::int64_t pts, const std::string& what) const;

  const DecoderSettings settings_;  // `parameters` is not used any more
  CodecPtr codec_;
  Sink<FramePtr>& out_;
  bool found_key_ = false;
  bool gave_frame_ = false;
  std::int64_t last_pts_;
};

}  // namespace millrace::engine
