// The commands that are compared: Millrace, ffmpeg once, and ffmpeg once per rendition, for the same ladder.
// Pure functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/command.h"
#include "bench/ladder_source.h"
#include "engine/job/ladder.h"

namespace millrace::bench {

struct WorkRung {
  std::string name;  // "720p"
  engine::PictureSize size;
  std::int64_t bits_per_second = 0;
};

// What all ways are asked for.
struct LadderWork {
  LadderSource source;
  std::string preset;
  double segment_seconds = 4;   // on Millrace's grid: whole frames
  std::vector<WorkRung> rungs;  // largest first
  std::int64_t sound_bits_per_second = 128'000;
};

// The auto ladder for the source.
LadderWork ladder_work(const LadderSource& source, const std::string& preset);

// "1080p 5M 1920x1080, ...; x264 veryfast, segments of 4 s, HLS and DASH, AAC 128k"
std::string describe(const LadderWork& work);

// jobs: handed on as --jobs; none: not given. The renditions end up in OUT/abr/NAME.
Command millrace_command(const std::string& program, const LadderWork& work, const std::filesystem::path& out,
                         std::optional<int> jobs);

// One process that decodes once and scales and encodes every rung, with the same rate control and the same
// key frames.
Command one_command(const std::string& ffmpeg, const LadderWork& work, const std::filesystem::path& out);

// A process per rung, each decoding for itself, into OUT/NAME; the smallest rung's makes the sound.
std::vector<Command> command_per_rendition(const std::string& ffmpeg, const LadderWork& work,
                                           const std::filesystem::path& out);

}  // namespace millrace::bench
