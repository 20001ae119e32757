// Canary: tries what a device offers on a film that is known, before jobs rely on it, and compares the
// pictures with the CPU's. One thread.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "engine/plan/placement.h"
#include "engine/plan/stage.h"
#include "engine/schedule/film_source.h"
#include "hw/inventory.h"

namespace millrace::engine {

// Decibels, below which pictures are wrong. Of the film at the canary's bitrates, encoders and scalers of
// FFmpeg that are as good as each other differ by 44.5 dB at the least (x264, x265, MPEG-4; bicubic,
// bilinear, area); of wrong ones those that are shifted by one column are nearest with 36.4, another range of
// samples gives 32.9, the picture before 29.7, another matrix of colours 26.8, swapped chroma 12.9.
inline constexpr double kLeastLikeness = 38;

// The film, its products and what they are compared with, while they lie there.
constexpr std::int64_t kCanaryDiskBytes = 100'000'000;

class Canary {
 public:
  // `makers`: machine and workers as jobs have them; the folder is empty.
  Canary(const FilmMakers& makers, const Backends& backends) : makers_(makers), backends_(backends) {}

  // Every road that jobs may take over the device: decoding and filtering there what the CPU encodes, for
  // each codec, and with steps before the scaling (deinterlacing, turning, HDR to SDR) on NVIDIA's; encoding
  // there what the CPU decoded, with and without filtering there; all of it. Gives what has to stay in
  // quarantine, without a time: roads with wrong pictures, too few or none, or on which workers die. A
  // failure says that it could not be found out (stopped, no room, no free session, the CPU itself fails),
  // and is no verdict. Blocking; nothing is done for a device that this build cannot drive.
  Result<std::vector<StageFailure>> try_device(const hw::GpuFacts& gpu, const std::stop_token& stop);

 private:
  // A road over a device, and who is to blame when it leads astray.
  struct Road {
    std::string name;
    VideoCodec source = VideoCodec::h264;
    VideoCodec encode = VideoCodec::h264;
    Stages on_cpu;
    Stage blamed = Stage::decode;
    std::string step = {};  // of the normalisation, which is to blame then; empty: none is needed
  };
  struct Film {
    Source source;
    Plan plan;                        // on the CPU
    std::filesystem::path reference;  // what the CPU made of it
  };

  std::vector<Road> roads(const hw::GpuFacts& gpu) const;
  // Of a codec, that needs a step. Null where this FFmpeg cannot make it.
  using Kind = std::pair<VideoCodec, std::string>;
  Result<const Film*> film(const Kind& kind, const std::stop_token& stop);
  Result<Source> film_source(const Kind& kind, const std::stop_token& stop);
  Result<Plan> plan(const Source& source, VideoCodec encode, const DevicePreference& device,
                    const std::vector<StageFailure>& failures) const;
  // None: the pictures are right, or the device has no such road.
  Result<std::optional<std::string>> fault_of(const Road& road, const hw::GpuFacts& gpu,
                                              const std::vector<StageFailure>& found,
                                              const std::stop_token& stop);
  Status make(const Plan& plan, const std::filesystem::path& folder, const std::stop_token& stop) const;
  Result<std::optional<std::string>> compare(const Plan& plan, const std::filesystem::path& made,
                                             const Film& film, const std::stop_token& stop) const;

  const FilmMakers makers_;
  const Backends backends_;
  std::map<Kind, std::optional<Film>> films_;
};

}  // namespace millrace::engine
