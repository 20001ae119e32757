// Runs one frame through a libavfilter chain.
#pragma once

#include <string>

#include "engine/base/rational.h"
#include "engine/plan/source.h"

namespace millrace::engine::test {

struct FilteredFrame {
  std::string error;  // empty: it went through
  int frames = 0;
  int width = 0;
  int height = 0;
  std::string pixel_format;
  Rational sample_aspect;
  std::string color_range;
  std::string color_matrix;
  std::string color_primaries;
  std::string color_transfer;
  int first_luma = -1;  // of the first pixel
};

// A frame as the track describes it, 8-bit planes filled with `level` (alpha with 0), through the chain.
FilteredFrame run_filter(const std::string& chain, const VideoTrack& track, int level = 128);

}  // namespace millrace::engine::test
