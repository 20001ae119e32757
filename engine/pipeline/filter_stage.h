// FilterStage runs frames through one libavfilter chain. It adapts when the frames change shape on the way:
// what the old chain holds goes on first, then a new chain is built.
#pragma once

#include <functional>
#include <string>

#include "engine/pipeline/sink.h"

namespace millrace::engine {

// Pictures or sound; the first frame tells which.
class FilterStage final : public Sink<FramePtr> {
 public:
  struct Settings {
    std::string chain;               // libavfilter text: "bwdif,scale=640:360"; empty: frames pass
    AVRational time_base = kTicks;   // of the frames that come in, and of those that go out
    AVRational out_time_base{0, 1};  // if it differs: {0, 1} takes time_base
    AVRational frame_rate{0, 1};     // pictures; {0, 1}: not known
    int threads = 1;
    BufferPtr device{};  // for filters that take pictures to a device; null: none does
    // What libavfilter's failure is, where it is not av_status(): media_words() may tell more.
    std::function<Status(int error)> failure{};
    // Where the chain depends on the frames' shape: asked with the first frame of each; `chain` is not used.
    std::function<std::string(const AVFrame& first)> chain_for{};
  };
  FilterStage(Settings settings, Sink<FramePtr>& out);

  // internal when the chain cannot be built for these frames: the message holds the chain. Pictures may lie
  // on a device; each chain is built for one pool of surfaces.
  Status push(FramePtr frame) override;
  Status finish() override;

 private:
  Status build(const AVFrame& frame);
  void remember(const AVFrame& frame);
  bool fits(const AVFrame& frame) const;
  Status drain();
  Status flush();
  Status failed(int error, const std::string& what) const;

  const Settings settings_;
  Sink<FramePtr>& out_;
  std::string chain_;                  // for frames of this shape
  FilterGraphPtr graph_;               // null: frames pass
  AVFilterContext* source_ = nullptr;  // owned by graph_
  AVFilterContext* sink_ = nullptr;
  FramePtr shape_;  // properties of the frames that the chain is for, no data; null: none came
};

// One picture through a chain that gives one picture. Fails as FilterStage does.
Result<FramePtr> filter_one(FramePtr picture, const std::string& chain);

}  // namespace millrace::engine
