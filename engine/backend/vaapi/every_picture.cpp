#include "engine/backend/vaapi/every_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/plan/stage.h"

namespace millrace::engine {
namespace {

bool same_pool(const AVFrame& one, const AVFrame& other) {
  const auto pool = [](const AVFrame& frame) {
    return frame.hw_frames_ctx == nullptr ? nullptr : frame.hw_frames_ctx->data;
  };
  return pool(one) == pool(other);
}

}  // namespace

EveryPicture::EveryPicture(FilterStage::Settings settings, int neighbours, std::string device,
                           Sink<FramePtr>& out)
    : neighbours_(neighbours), exit_(std::move(device), out), filter_(std::move(settings), exit_) {}

Status EveryPicture::repeat(const AVFrame& frame, std::int64_t first) {
  for (int i = 0; i < neighbours_; ++i) {
    FramePtr again = share(frame);
    again->pts = frame.pts + first + i;
    if (Status status = filter_.push(std::move(again)); !status.ok()) return status;
  }
  return {};
}

Status EveryPicture::push(FramePtr frame) {
  if (neighbours_ > 0) {
    const bool begins = !last_ || !same_pool(*last_, *frame);
    if (last_ && begins)
      if (Status status = repeat(*last_, 1); !status.ok()) return status;
    if (begins)
      if (Status status = repeat(*frame, -neighbours_); !status.ok()) return status;
    last_ = share(*frame);
  }
  exit_.expect(frame->pts);
  return filter_.push(std::move(frame));
}

Status EveryPicture::finish() {
  if (last_)
    if (Status status = repeat(*last_, 1); !status.ok()) return status;
  last_.reset();
  return filter_.finish();
}

Status EveryPicture::Exit::lost(std::size_t count) const {
  return blamed_on(Stage::filters, {Code::unsupported, fmt::format("{} lost {} picture{} in its filters",
                                                                   device_, count, count == 1 ? "" : "s")});
}

Status EveryPicture::Exit::push(FramePtr frame) {
  const auto found = std::find(expected_.begin(), expected_.end(), frame->pts);
  if (found == expected_.end()) return {};  // one of those that were added
  if (found != expected_.begin()) return lost(static_cast<std::size_t>(found - expected_.begin()));
  expected_.pop_front();
  return out_.push(std::move(frame));
}

Status EveryPicture::Exit::finish() {
  if (!expected_.empty()) return lost(expected_.size());
  return out_.finish();
}

}  // namespace millrace::engine
