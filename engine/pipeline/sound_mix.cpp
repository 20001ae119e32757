#include "engine/pipeline/sound_mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>

#include "engine/plan/channels.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/mathematics.h>
#include <libavutil/samplefmt.h>
}

namespace millrace::engine {
namespace {

constexpr int kStereo = 2;

std::string layout_name(int channels) {
  switch (channels) {
    case 1:
      return "mono";
    case 6:
      return "5.1";
    default:
      return "stereo";
  }
}

FilterStage::Settings filter_settings(const SoundMix::Settings& settings) {
  FilterStage::Settings filter;
  filter.chain = mixing_chain(settings.sample_rate, settings.channels);
  filter.time_base = settings.time_base;
  filter.out_time_base = {1, settings.sample_rate};
  return filter;
}

// The first two channels as stereo; the others are left out.
FramePtr first_two(const AVFrame& frame) {
  FramePtr two = make_frame();
  if (av_frame_copy_props(two.get(), &frame) < 0) throw std::bad_alloc();
  two->format = frame.format;
  two->sample_rate = frame.sample_rate;
  two->nb_samples = frame.nb_samples;
  av_channel_layout_default(&two->ch_layout, kStereo);
  if (av_frame_get_buffer(two.get(), 0) < 0) throw std::bad_alloc();
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const auto bytes = static_cast<std::size_t>(av_get_bytes_per_sample(format));
  const auto samples = static_cast<std::size_t>(frame.nb_samples);
  if (av_sample_fmt_is_planar(format) != 0) {
    for (int channel = 0; channel < kStereo; ++channel)
      std::memcpy(two->extended_data[channel], frame.extended_data[channel], samples * bytes);
    return two;
  }
  const auto channels = static_cast<std::size_t>(frame.ch_layout.nb_channels);
  for (std::size_t i = 0; i < samples; ++i)
    std::memcpy(two->data[0] + i * kStereo * bytes, frame.data[0] + i * channels * bytes, kStereo * bytes);
  return two;
}

// Nothing of use says what its channels are.
FramePtr with_speakers(FramePtr frame) {
  const std::string layout(guessed_layout(frame->ch_layout.nb_channels));
  if (layout.empty()) return first_two(*frame);
  av_channel_layout_uninit(&frame->ch_layout);
  av_channel_layout_from_string(&frame->ch_layout, layout.c_str());
  return frame;
}

}  // namespace

SoundMix::SoundMix(const Settings& settings, Sink<FramePtr>& out)
    : settings_(settings), filter_(filter_settings(settings), out), anchor_(settings.origin) {}

std::int64_t SoundMix::time_of(const AVFrame& frame) {
  const std::int64_t said = frame.best_effort_timestamp;
  if (said != AV_NOPTS_VALUE) {
    anchor_ = said;
    since_ = 0;
  } else if (since_ > 0 && rate_ != frame.sample_rate) {
    anchor_ += av_rescale_q(since_, {1, rate_}, settings_.time_base);
    since_ = 0;
  }
  rate_ = frame.sample_rate;
  const std::int64_t time = anchor_ + av_rescale_q(since_, {1, rate_}, settings_.time_base);
  since_ += frame.nb_samples;
  return time;
}

Status SoundMix::push(FramePtr frame) {
  frame->pts = time_of(*frame);
  if (!can_be_mixed(frame->ch_layout)) frame = with_speakers(std::move(frame));
  return filter_.push(std::move(frame));
}

bool can_be_mixed(const AVChannelLayout& layout) {
  if (layout.order != AV_CHANNEL_ORDER_NATIVE) return false;
  if (layout.u.mask == AV_CH_LAYOUT_STEREO_DOWNMIX) return true;  // taken for stereo
  constexpr std::array<std::uint64_t, 4> kPairs = {
      AV_CH_FRONT_LEFT | AV_CH_FRONT_RIGHT, AV_CH_SIDE_LEFT | AV_CH_SIDE_RIGHT,
      AV_CH_BACK_LEFT | AV_CH_BACK_RIGHT, AV_CH_FRONT_LEFT_OF_CENTER | AV_CH_FRONT_RIGHT_OF_CENTER};
  const bool paired = std::all_of(kPairs.begin(), kPairs.end(), [&](std::uint64_t pair) {
    return (layout.u.mask & pair) == 0 || (layout.u.mask & pair) == pair;
  });
  return paired && (layout.u.mask & AV_CH_LAYOUT_SURROUND) != 0;
}

std::string mixing_chain(int sample_rate, int channels) {
  return fmt::format(
      "aresample={}:rematrix_maxval=1,aformat=sample_fmts=fltp:sample_rates={}:channel_layouts={}",
      sample_rate, sample_rate, layout_name(channels));
}

}  // namespace millrace::engine
