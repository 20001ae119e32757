// The drawn film (calibration_film.h) as sources that have to be decoded. Blocking; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/plan/plan.h"
#include "engine/schedule/publisher.h"
#include "engine/work/worker_pool.h"
#include "hw/inventory.h"

namespace millrace::engine {

// Whose workers make it, and where.
struct FilmMakers {
  WorkerPool& workers;
  const hw::Inventory& machine;
  int cores = 1;
  std::filesystem::path folder;          // exists; what is left in it afterwards is rubbish
  const Publisher* publisher = nullptr;  // null: the one of run_job()
};

// As it lies in the folder, uncompressed.
inline constexpr const char* kDrawnFilm = "film.y4m";

struct FilmSource {
  int width = 0;  // both even
  int height = 0;
  int frames = 0;  // 25 a second
  VideoCodec codec = VideoCodec::h264;
  std::int64_t bits_per_second = 0;
};

// An MP4 in the folder, by a job on the CPU. The film itself is drawn once in a folder, for all that have its
// size and length. cancelled after a stop; unsupported where FFmpeg has no encoder
// of that codec; else as run_job() fails.
Result<std::filesystem::path> make_film_source(const FilmSource& film, const FilmMakers& makers,
                                               const std::stop_token& stop);

// The same as HDR10 (HEVC of 10 bits, PQ, BT.2020), whatever the codec says: in softer colours, and dark
// enough to stay below 1000 cd/m2, so that every picture of it is one that there may be. Fails likewise.
Result<std::filesystem::path> make_hdr_film_source(const FilmSource& film, const FilmMakers& makers,
                                                   const std::stop_token& stop);

// What a job on the CPU did.
struct MadeJob {
  Plan plan;
  double cpu_seconds = 0;
};

// Runs the job in a folder of its own below the makers'.
Result<MadeJob> make_job(const JobSpec& spec, const std::filesystem::path& output, const FilmMakers& makers,
                         const std::stop_token& stop);

}  // namespace millrace::engine
