// Decodes a whole file. Blocking; safe to call from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

// What a decoder gave of one track of a file.
struct DecodedTrack {
  bool sound = false;
  std::string codec;  // FFmpeg's name
  std::int64_t packets = 0;
  std::int64_t count = 0;    // pictures or samples
  double first_seconds = 0;  // when the first frame is shown or heard
  double last_seconds = 0;   // when the last one is
};

struct DecodedFile {
  std::vector<std::int64_t> pictures;  // of each picture track
  std::vector<std::int64_t> samples;   // of each sound track
  std::vector<DecodedTrack> tracks;    // both, in the order of the file
};

struct DecodeSettings {
  int threads = 1;  // of each picture decoder
  // Damage is counted over, not refused: for files that hold a damaged source's own packets.
  bool accept_damage = false;
};

// corrupt_input for whatever does not decode without an error; cancelled after a stop request.
Result<DecodedFile> decode_file(const std::filesystem::path& file, const DecodeSettings& settings = {},
                                std::stop_token stop = {});

// What one track of a file must hold.
struct ExpectedTrack {
  bool sound = false;
  std::int64_t count = 0;  // pictures or samples
  std::int64_t least = 0;  // counts from here to `most` will do
  std::int64_t most = 0;
  std::int64_t packets = 0;  // 0: any number
  double first_seconds = 0;  // against the other tracks' only
  double last_seconds = 0;   // pictures: against the first
  double priming_seconds =
      0;                    // sound: by how much it may begin early, where its container cannot hide priming
  bool only_there = false;  // a damaged source's own packets: nothing else is asked
};

// internal when tracks are missing, a count is outside its bounds, tracks do not begin within 20 ms of where
// they should against each other, or pictures do not span the time they should, within one of them. Pure.
Status compare_tracks(const std::vector<ExpectedTrack>& expected, const DecodedFile& found);

}  // namespace millrace::engine
