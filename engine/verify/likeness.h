// compare_pictures: how far the pictures of two segmented tracks are alike, to tell pictures that are wrong
// from pictures that were coded differently. Blocking; safe to call from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "engine/base/status.h"

namespace millrace::engine {

struct Likeness {
  std::int64_t pictures = 0;   // that the track holds
  std::int64_t reference = 0;  // that the other one holds
  // Of the pictures that both have, the plane (of Y, Cb and Cr) that differs most: its peak signal-to-noise
  // ratio, 10 log10(255^2 / mean squared difference), of 10 bits with 1023, at most kSameDecibels.
  double least_decibels = 0;
  std::int64_t worst_picture = 0;  // its place, from 0

  bool operator==(const Likeness&) const = default;
};

// What pictures have that are the same to the bit.
inline constexpr double kSameDecibels = 100;

// Each folder holds the init.mp4 and the segments of a track, from the first on, all of one encoder (of
// several it would have to be told which init segment each has); they are decoded on the CPU. Pictures are
// compared in the order in which they are shown; they have to be 4:2:0 of 8 or both of 10 bits. internal for
// what does not decode, and for pictures of another size or format; cancelled after a stop.
Result<Likeness> compare_pictures(const std::filesystem::path& track, const std::filesystem::path& reference,
                                  const std::stop_token& stop);

}  // namespace millrace::engine
