// The roads over a device that the canary tries, and the films that it sends along them. Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/plan/device_path.h"
#include "engine/plan/placement.h"
#include "engine/plan/stage.h"
#include "engine/schedule/film_source.h"
#include "hw/inventory.h"

namespace millrace::engine {

// Decibels, below which pictures are wrong. Of the film at the canary's bitrates, encoders and scalers of
// FFmpeg that are as good as each other differ by 44.5 dB at the least (x264, x265, MPEG-4; bicubic,
// bilinear, area); of wrong ones those that are shifted by one column are nearest with 36.4, another range of
// samples gives 32.9, the picture before 29.7, another matrix of colours 26.8, swapped chroma 12.9. Decoders
// of MPEG and JPEG round as they like: with FFmpeg's inverse DCTs (simple, int, faani, xvid) the films of
// MPEG-1, -2, -4 and MJPEG differ by 44.7 dB at the least, where a column, range, picture or chroma that is
// wrong gives 32.1 at the most.
inline constexpr double kLeastLikeness = 38;
// The same of PQ made SDR by a curve that the driver chose: of FFmpeg's curves for the same light (203 cd/m2
// are white: Hable, Reinhard, Mobius) against ours the furthest gives 29.8, PQ that is left as it is 25.5, no
// chroma 20.9, swapped chroma 18.7, black 14.3.
inline constexpr double kLeastLikenessOfCurves = 26;
// The same of HDR10 that is kept, whose colours are softer: good encoders differ by 49.9 dB at the least
// (x265, SVT-AV1), a shift by one column gives 40.1, the picture before 36.5, another range 30.7, swapped
// chroma 23.6.
inline constexpr double kLeastLikenessOfHdr = 44;

// What a film is, and what it asks of the filters.
struct CanaryFilm {
  std::string codec = "h264";  // as a driver lists it
  FilmLook look = FilmLook::plain;
  std::optional<FilterPath> path = {};

  auto operator<=>(const CanaryFilm&) const = default;
};

// "h264", "hdr10-hevc", "tone_map of hdr10-hevc": for people, and as a folder's name.
std::string name_of(const CanaryFilm& film);

// The track as the film is in need of its path: what is not in its bits is said of it.
void ask_for(FilterPath path, VideoTrack& track);

// What leads over a device.
struct CanaryWay {
  Stages on_cpu;
  VideoCodec encode = VideoCodec::h264;
};

struct CanaryRoad {
  std::string name;  // "decoding hevc and filtering"
  Stage blamed = Stage::decode;
  std::string path;  // that goes into quarantine, as placement asks for it (StageFailure::codec)
  CanaryFilm film = {};
  std::vector<CanaryWay> ways = {};  // the first that the device has is tried
  double least = kLeastLikeness;
};

// For all that the driver lists and this build drives; and for every path of the filters, whether the device
// has it or not. Those that lead over fewer stages come first, so that they take the blame.
std::vector<CanaryRoad> canary_roads(const hw::GpuFacts& gpu, const Backends& backends);

}  // namespace millrace::engine
