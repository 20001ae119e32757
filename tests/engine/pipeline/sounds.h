// Sound written and read in samples, for the tests of sound stages.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include "engine/base/file.h"
#include "engine/pipeline/sink.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

namespace millrace::engine {

using Channels = std::vector<std::vector<float>>;

// A frame of planar float. `pts` is its timestamp.
inline FramePtr sound_frame(std::int64_t pts, const Channels& channels, int sample_rate) {
  FramePtr frame = make_frame();
  frame->format = AV_SAMPLE_FMT_FLTP;
  frame->sample_rate = sample_rate;
  frame->nb_samples = static_cast<int>(channels[0].size());
  av_channel_layout_default(&frame->ch_layout, static_cast<int>(channels.size()));
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (std::size_t at = 0; at < channels.size(); ++at)
    std::memcpy(frame->extended_data[at], channels[at].data(), channels[at].size() * sizeof(float));
  frame->pts = frame->best_effort_timestamp = pts;
  return frame;
}

// Keeps every sample; a gap or an overlap in the pts is a failure.
class CollectedSound final : public Sink<FramePtr> {
 public:
  Status push(FramePtr frame) override {
    EXPECT_EQ(frame->format, AV_SAMPLE_FMT_FLTP);
    EXPECT_EQ(frame->pts, samples());
    channels.resize(static_cast<std::size_t>(frame->ch_layout.nb_channels));
    for (std::size_t at = 0; at < channels.size(); ++at) {
      const auto* data = reinterpret_cast<const float*>(frame->extended_data[at]);
      channels[at].insert(channels[at].end(), data, data + frame->nb_samples);
    }
    char text[64] = {};
    av_channel_layout_describe(&frame->ch_layout, text, sizeof text);
    layout = text;
    sample_rate = frame->sample_rate;
    return {};
  }
  Status finish() override {
    finished = true;
    return {};
  }
  std::int64_t samples() const {
    return channels.empty() ? 0 : static_cast<std::int64_t>(channels[0].size());
  }

  Channels channels;
  std::string layout;
  int sample_rate = 0;
  bool finished = false;
};

// `seconds` of a tone.
inline std::vector<float> tone(double seconds, double amplitude, double hertz = 997,
                               int sample_rate = 48'000) {
  std::vector<float> samples(static_cast<std::size_t>(std::llround(seconds * sample_rate)));
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] =
        static_cast<float>(amplitude * std::sin(2 * M_PI * hertz * static_cast<double>(i) / sample_rate));
  return samples;
}

// A WAV file of 32-bit float. `mask`: the speakers, as WAVE_FORMAT_EXTENSIBLE has them (0x3f: 5.1, 0x60f: 5.1
// with side speakers, 0x63f: 7.1).
inline void write_wav(const std::filesystem::path& file, const Channels& channels, std::uint32_t mask,
                      int sample_rate = 48'000) {
  std::string bytes;
  const auto number = [](std::uint64_t value, int size) {
    std::string little;
    for (int i = 0; i < size; ++i) little += static_cast<char>(value >> (8 * i) & 0xff);
    return little;
  };
  const std::uint64_t count = channels.size();
  const std::uint64_t rate = static_cast<std::uint64_t>(sample_rate);
  std::string format = number(0xfffe, 2) + number(count, 2) + number(rate, 4) + number(rate * count * 4, 4) +
                       number(count * 4, 2) + number(32, 2) + number(22, 2) + number(32, 2) + number(mask, 4);
  format +=
      std::string("\x03\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71", 16);  // KSDATAFORMAT_SUBTYPE_IEEE_FLOAT
  std::string data;
  for (std::size_t i = 0; i < channels[0].size(); ++i)
    for (const auto& channel : channels) {
      char sample[sizeof(float)];
      std::memcpy(sample, &channel[i], sizeof sample);
      data.append(sample, sizeof sample);
    }
  bytes = "WAVEfmt " + number(format.size(), 4) + format + "data" + number(data.size(), 4) + data;
  ASSERT_TRUE(write_file(file, "RIFF" + number(bytes.size(), 4) + bytes).ok());
}

}  // namespace millrace::engine
