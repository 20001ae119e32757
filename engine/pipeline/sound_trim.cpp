#include "engine/pipeline/sound_trim.h"

#include <algorithm>

namespace millrace::engine {

Status SoundTrim::push(FramePtr frame) {
  if (done()) return {};
  frame->nb_samples = static_cast<int>(std::min<std::int64_t>(frame->nb_samples, end_ - samples_));
  frame->pts = samples_;
  samples_ += frame->nb_samples;
  return out_.push(std::move(frame));
}

}  // namespace millrace::engine
