#include "engine/schedule/calibrate.h"

#include <array>

#include "engine/base/file.h"
#include "engine/job/profiles.h"
#include "engine/plan/job_times.h"
#include "engine/schedule/film_source.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

constexpr int kWidth = 1280;
constexpr int kHeight = 720;
constexpr int kFrames = 100;
// What coding the film costs over what a filmed scene of its size does, at the same bits; measured with four
// seconds of Big Buck Bunny. Jobs that end correct it.
constexpr double kFilmOverScenes = 1.25;
constexpr std::array kMeasured = {"ladder-h264-veryfast", "ladder-h264-medium", "720p-hevc-veryfast"};

}  // namespace

Result<CostModel> calibrate(WorkerPool& workers, const hw::Inventory& machine, int cores,
                            const fs::path& folder, const std::function<void(const std::string&)>& told,
                            std::stop_token stop) {
  told("a short film");
  const FilmMakers makers{workers, machine, cores, folder, nullptr};
  const FilmSource film{kWidth, kHeight, kFrames, "h264", 8'000'000};
  const auto source = make_film_source(film, makers, stop);
  if (!source.ok()) return source.status();
  if (Status s = remove_tree(folder / kDrawnFilm); !s.ok()) return s;
  CostModel model;
  for (const char* name : kMeasured) {
    told(name);
    const Result<JobSpec> spec = profile_spec(name, source->native());
    if (!spec.ok()) return spec.status();
    const auto measured = make_job(*spec, folder / name, makers, stop);
    if (!measured.ok()) return measured.status();
    learn(model, measured->plan, media_seconds(measured->plan), measured->cpu_seconds / kFilmOverScenes, 1);
    if (Status s = remove_tree(folder / name); !s.ok()) return s;
  }
  return model;
}

}  // namespace millrace::engine
