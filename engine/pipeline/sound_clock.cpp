#include "engine/pipeline/sound_clock.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <new>

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
}

namespace millrace::engine {
namespace {

constexpr std::int64_t kSilenceAtOnce = 4096;  // samples
constexpr std::int64_t kJitterDivisor = 66;    // of a second: 15 ms
constexpr std::int64_t kLongestGap = 3600;     // seconds, where nothing says how long the job is

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
    : timing_(timing), stop_(std::move(stop)), out_(out) {}

std::int64_t SoundClock::place_of(const AVFrame& frame) {
  const std::int64_t place = frame.pts - timing_.zero + jumped_;
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
  const std::int64_t place = place_of(*frame);
  expected_ = place + frame->nb_samples;
  if (*expected_ <= passed_) return {};
  if (place > passed_)
    if (Status status = add_silence(*frame, std::min(place, timing_.end)); !status.ok()) return status;
  if (passed_ >= timing_.end) return {};
  if (passed_ > place) frame = without_first(*frame, static_cast<int>(passed_ - place));
  return pass_on(std::move(frame));
}

Status SoundClock::add_silence(const AVFrame& like, std::int64_t until) {
  while (passed_ < until) {
    if (stop_.stop_requested()) return Status(Code::cancelled, "stopped on request");
    FramePtr silence = frame_like(like, static_cast<int>(std::min(until - passed_, kSilenceAtOnce)));
    av_samples_set_silence(silence->extended_data, 0, silence->nb_samples, like.ch_layout.nb_channels,
                           static_cast<AVSampleFormat>(like.format));
    if (Status status = pass_on(std::move(silence)); !status.ok()) return status;
  }
  return {};
}

Status SoundClock::pass_on(FramePtr frame) {
  frame->pts = passed_;
  frame->time_base = {1, timing_.sample_rate};
  passed_ += frame->nb_samples;
  return out_.push(std::move(frame));
}

}  // namespace millrace::engine
