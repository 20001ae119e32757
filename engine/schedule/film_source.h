// The drawn film (calibration_film.h) as sources that have to be decoded. Blocking; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

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

// What the film is made to look like. Those in BT.2020 have softer colours, and those of HDR are dark enough
// to stay below 1000 cd/m2, so that every picture is one that there may be.
enum class FilmLook {
  plain,       // 8 bits of limited range, SDR
  smooth,      // the same without detail from line to line
  full_range,  // the same as plain in full range
  wide,        // 8 bits, SDR in BT.2020
  deep,        // 10 bits, SDR in BT.709
  hdr10,       // 10 bits, PQ in BT.2020, with its mastering display
  hlg,         // 10 bits, HLG in BT.2020
};
std::string_view name_of(FilmLook look);
// "h264", "hdr10-hevc".
std::string film_name(std::string_view codec, FilmLook look);

// Gives the track the format and colours of such a film, as inspect() sees them.
void dress(VideoTrack& track, FilmLook look);

struct FilmSource {
  int width = 0;  // both even
  int height = 0;
  int frames = 0;                    // that are drawn, 25 a second
  std::string codec;                 // as FFmpeg names it: "h264", "mpeg2video"
  std::int64_t bits_per_second = 0;  // where jobs can have the codec
  FilmLook look = FilmLook::plain;
  int used = 0;  // so many of the frames alone, from the first; 0: all
};

// A file in the folder, made on the CPU: h264.mp4, or for other looks hdr10-hevc.mp4; mpeg2video.mkv of what
// no job can ask for. The film itself is drawn once in a folder, for all that have its size and length.
// cancelled after a stop; unsupported where there is no encoder of that codec, or none of so many bits; else
// as run_job() fails.
Result<std::filesystem::path> make_film_source(const FilmSource& film, const FilmMakers& makers,
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
