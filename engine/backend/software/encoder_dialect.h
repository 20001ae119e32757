// EncoderDialect: how one video encoder of libavcodec wants to be told what VideoEncoderSettings say, and
// what it gives otherwise than the others. Those of the CPU are constant; safe to use from any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/backend/backend.h"

namespace millrace::engine {

// Options of an encoder by name, as avcodec_open2 takes them.
using EncoderOptions = std::vector<std::pair<std::string, std::string>>;

struct EncoderDialect {
  const char* encoder = nullptr;  // libavcodec's name
  // Rate, speed, threads and what else the encoder has of its own; size, format, times and colours are set.
  std::function<Status(const VideoEncoderSettings& settings, AVCodecContext& codec, EncoderOptions& options)>
      configure = nullptr;
  // A packet's bytes as MP4 stores them; null: as they are.
  std::string (*stored)(std::string_view packet) = nullptr;
  // Puts mastering display and light level into a key frame's bytes as they are stored; null: the encoder is
  // told them by its options, or its codec has no place for them.
  Result<std::string> (*with_hdr)(std::string_view sample, const HdrMetadata& hdr) = nullptr;
  // How many frames a packet may come before its turn, of an encoder that is open.
  int (*reorder_frames)(const AVCodecContext& codec) = nullptr;
  // It cannot put a key frame where it is told: it is opened anew for each, and knows the frames of one GOP.
  bool one_gop = false;
  // Its rate control takes timestamps for frame numbers: it is given numbers, at a constant rate.
  bool counts_frames = false;
  // On which it encodes, as plans name it: its failures are that device's. Empty: on the CPU.
  std::string device = {};
};

// The average with its peak, or with constant quality the peak alone. The buffer holds four thirds of a
// second at the peak: two seconds at the average, where the peak is half above it.
void set_average_and_peak(const VideoEncoderSettings& settings, AVCodecContext& codec);

// Of the encoder on the CPU.
const EncoderDialect& dialect_of(VideoCodec codec);

// EncoderDialect::reorder_frames of the encoder on the CPU, which need not be open, for one of x264's
// presets.
int cpu_reorder_frames(VideoCodec codec, std::string_view preset);

}  // namespace millrace::engine
