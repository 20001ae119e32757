// LadderSource: what the comparison must know of its source, as ffprobe tells it. Plain data; read by a pure
// function.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "bench/command.h"
#include "bench/stop_flag.h"
#include "engine/base/rational.h"
#include "engine/base/status.h"
#include "engine/job/ladder.h"

namespace millrace::bench {

struct LadderSource {
  std::filesystem::path path;
  int video_stream = 0;
  std::optional<int> audio_stream;  // none: silent
  engine::PictureSize picture;
  engine::Rational frame_rate;
  bool constant_rate = true;
  double seconds = 0;
  std::string video_codec;
  std::string audio_text;  // "aac 5.1", empty: silent
};

Command ffprobe_command(const std::string& ffprobe, const std::filesystem::path& source);

// unsupported for pictures that one side of the comparison would have to normalise first (turned, interlaced,
// pixels not square, not yuv420p): the two ways would not do the same work then.
engine::Result<LadderSource> source_from_ffprobe(std::string_view json, const std::filesystem::path& path);

// Runs that command; files are made in `folder`. not_found, corrupt_input with the source's name.
engine::Result<LadderSource> probed_source(const std::filesystem::path& source, const std::string& ffmpeg,
                                           const std::filesystem::path& folder, const StopFlag& stop);

// "/opt/bin/ffprobe" of "/opt/bin/ffmpeg", "ffprobe" of "ffmpeg".
std::string ffprobe_beside(const std::string& ffmpeg);

// "62.3 s, 1920x1080, 25 fps, h264, aac 5.1"
std::string describe(const LadderSource& source);

}  // namespace millrace::bench
