// Canary: tries what a device offers on a film that is known, before jobs rely on it, and compares the
// pictures with the CPU's. One thread.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/plan/placement.h"
#include "engine/plan/stage.h"
#include "engine/schedule/canary_roads.h"
#include "engine/schedule/film_source.h"
#include "hw/inventory.h"

namespace millrace::engine {

// The film, its products and what they are compared with, while they lie there.
constexpr std::int64_t kCanaryDiskBytes = 100'000'000;

class Canary {
 public:
  // `makers`: machine and workers as jobs have them; the folder is empty.
  Canary(const FilmMakers& makers, const Backends& backends) : makers_(makers), backends_(backends) {}

  // Every road that jobs may take over the device (canary_roads.h). Gives what has to stay in quarantine,
  // without a time: roads with wrong pictures, too few or none, or on which workers die; and those that the
  // device offers and that could not be tried, for want of a film or of a way. A failure says that it could
  // not be found out (stopped, no room, no free session, the CPU itself fails), and is no verdict.
  // Blocking; nothing is done for a device that this build cannot drive.
  Result<std::vector<StageFailure>> try_device(const hw::GpuFacts& gpu, const std::stop_token& stop);

 private:
  struct Film {
    Source source;
    Plan plan;                        // on the CPU
    std::filesystem::path reference;  // what the CPU made of it
  };
  // Of a road. Empty: the pictures are right, or the device has no such road.
  struct Verdict {
    std::string fault;
    bool tried = true;
  };
  struct Wish {
    const CanaryFilm& film;
    VideoCodec encode = VideoCodec::h264;
    DevicePreference device = {};
  };

  // unsupported where the program or its FFmpeg cannot make it.
  Result<const Film*> film(const CanaryFilm& kind, const std::stop_token& stop);
  Result<Film> make_film(const CanaryFilm& kind, const std::stop_token& stop);
  // Of a film without a path.
  Result<Source> film_source(const CanaryFilm& kind, const std::stop_token& stop);
  Result<Plan> plan(const Source& source, const Wish& wish, const std::vector<StageFailure>& failures) const;
  bool is_offered(const CanaryRoad& road, const hw::GpuFacts& gpu) const;
  // The first of the road's ways that the device has.
  Result<std::optional<Plan>> plan_over(const CanaryRoad& road, const Source& source, const hw::GpuFacts& gpu,
                                        const std::vector<StageFailure>& found) const;
  Result<Verdict> verdict_of(const CanaryRoad& road, const hw::GpuFacts& gpu,
                             const std::vector<StageFailure>& found, const std::stop_token& stop);
  Status make(const Plan& plan, const std::filesystem::path& folder, const std::stop_token& stop) const;
  // What is wrong with the pictures; empty: nothing.
  Result<std::string> compare(const Plan& plan, const std::filesystem::path& made, const Film& film,
                              double least, const std::stop_token& stop) const;

  const FilmMakers makers_;
  const Backends backends_;
  std::map<CanaryFilm, Source> sources_;
  std::map<CanaryFilm, Result<Film>> films_;
};

}  // namespace millrace::engine
