#include "engine/pipeline/sound_clock.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <new>

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/mathematics.h>
#include <libavutil/samplefmt.h>
}

namespace millrace::engine {
namespace {

constexpr int kSilenceAtOnce = 4096;         // samples
constexpr std::int64_t kJitterDivisor = 66;  // of a second: 15 ms
constexpr std::int64_t kLongestGap = 3600;   // seconds, where nothing says how long the job is

// An empty frame of the same rate, layout and format.
FramePtr frame_like(const AVFrame& like, int samples) {
  FramePtr frame = make_frame();
  frame->format = like.format;
  frame->sample_rate = like.sample_rate;
  frame->nb_samples = samples;
  if (av_channel_layout_copy(&frame->ch_layout, &like.ch_layout) < 0 ||
      av_frame_get_buffer(frame.get(), 0) < 0)
    throw std::bad_alloc();
  return frame;
}

FramePtr without_first(const AVFrame& frame, int samples) {
  FramePtr rest = frame_like(frame, frame.nb_samples - samples);
  av_samples_copy(rest->extended_data, frame.extended_data, 0, samples, rest->nb_samples,
                  frame.ch_layout.nb_channels, static_cast<AVSampleFormat>(frame.format));
  return rest;
}

}  // namespace

SoundClock::SoundClock(const SoundTiming& timing, std::stop_token stop, Sink<FramePtr>& out)
    : timing_(timing), samples_{1, timing.sample_rate}, stop_(std::move(stop)), out_(out) {}

std::int64_t SoundClock::place_of(const AVFrame& frame) {
  const std::int64_t given = frame.best_effort_timestamp;
  if (given == AV_NOPTS_VALUE) return expected_.value_or(0);
  const std::int64_t place = av_rescale_q(given, timing_.time_base, samples_) - timing_.zero + jumped_;
  const bool first = !expected_;
  const std::int64_t off = place - expected_.value_or(0);
  const std::int64_t second = timing_.sample_rate;
  if (!first && std::abs(off) * kJitterDivisor <= second) return *expected_;
  const bool endless = timing_.end == SoundTrim::kWhole && off > kLongestGap * second;
  if ((first || off > -second) && !endless) return place;
  spdlog::warn("timestamps of the sound jump by {:.3f} s at {:.3f} s; going on without the jump",
               static_cast<double>(off) / timing_.sample_rate,
               static_cast<double>(place - off) / timing_.sample_rate);
  jumped_ -= off;
  return place - off;
}

Status SoundClock::push(FramePtr frame) {
  // Two channels of which nothing says where they stand are left and right.
  if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&frame->ch_layout, frame->ch_layout.nb_channels);
  const std::int64_t place = place_of(*frame);
  const std::int64_t length = av_rescale_q(frame->nb_samples, {1, frame->sample_rate}, samples_);
  expected_ = place + length;
  if (*expected_ <= passed_) return {};
  if (place > passed_)
    if (Status status = add_silence(*frame, std::min(place, timing_.end)); !status.ok()) return status;
  if (passed_ >= timing_.end) return {};
  const auto cut = static_cast<int>(av_rescale_q(passed_ - place, samples_, {1, frame->sample_rate}));
  if (cut >= frame->nb_samples) return {};
  if (cut > 0) frame = without_first(*frame, cut);
  const std::int64_t end = place + length;
  if (Status status = pass_on(std::move(frame)); !status.ok()) return status;
  passed_ = end;
  return {};
}

Status SoundClock::add_silence(const AVFrame& like, std::int64_t until) {
  const AVRational rate{1, like.sample_rate};
  while (passed_ < until) {
    if (stop_.stop_requested()) return Status(Code::cancelled, "stopped on request");
    const auto most = std::min<std::int64_t>(av_rescale_q(until - passed_, samples_, rate), kSilenceAtOnce);
    FramePtr silence = frame_like(like, static_cast<int>(std::max<std::int64_t>(most, 1)));
    av_samples_set_silence(silence->extended_data, 0, silence->nb_samples, like.ch_layout.nb_channels,
                           static_cast<AVSampleFormat>(like.format));
    const std::int64_t length = av_rescale_q(silence->nb_samples, rate, samples_);
    if (Status status = pass_on(std::move(silence)); !status.ok()) return status;
    passed_ += std::max<std::int64_t>(length, 1);
  }
  return {};
}

Status SoundClock::pass_on(FramePtr frame) {
  frame->pts = passed_;
  frame->time_base = samples_;
  return out_.push(std::move(frame));
}

}  // namespace millrace::engine
