#include "engine/pipeline/sound_clock.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {

SoundClock::SoundClock(AVRational time_base, std::int64_t zero, AVRational zero_time_base, int sample_rate,
                       Sink<FramePtr>& out)
    : time_base_(time_base),
      samples_{1, sample_rate},
      zero_(av_rescale_q(zero, zero_time_base, samples_)),
      out_(out) {}

Status SoundClock::push(FramePtr frame) {
  const std::int64_t given = frame->best_effort_timestamp;
  const std::int64_t at =
      given != AV_NOPTS_VALUE ? av_rescale_q(given, time_base_, samples_) - zero_ : next_.value_or(0);
  next_ = at + av_rescale_q(frame->nb_samples, {1, frame->sample_rate}, samples_);
  frame->pts = at;
  frame->time_base = samples_;
  return out_.push(std::move(frame));
}

}  // namespace millrace::engine
