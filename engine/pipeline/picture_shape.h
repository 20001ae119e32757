// The shape of decoded pictures against the one that the plan knows: sources change it on the way.
#pragma once

#include <functional>
#include <string>

#include "engine/pipeline/sink.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// The track as it would be if all its pictures were like this one: size, pixel format, shape of pixels and
// colours are the picture's, as far as it says them. One on a device keeps the track's format where it holds
// the same samples.
VideoTrack seen_as(const VideoTrack& track, const AVFrame& frame);

// Which chain pictures go through (FilterStage::Settings::chain_for): those of the track's own shape through
// `planned`, all others through fitting_filter() and then through `then`. Logs the others.
std::function<std::string(const AVFrame&)> chain_by_shape(const VideoTrack& track, bool keep_hdr,
                                                          std::string planned, std::string then);

// SameShape stands before the filters of a device, which are made for one shape: another one is blamed_on()
// them as unsupported, and is_of_source(), and the CPU goes on. One thread.
class SameShape final : public Sink<FramePtr> {
 public:
  // `device`: as plans name it.
  SameShape(const VideoTrack& track, std::string device, Sink<FramePtr>& out)
      : track_(track), device_(std::move(device)), out_(out) {}

  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

 private:
  const VideoTrack track_;
  const std::string device_;
  Sink<FramePtr>& out_;
};

}  // namespace millrace::engine
