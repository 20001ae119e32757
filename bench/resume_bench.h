// ResumeBench: kills workers and the daemon of a `millrace serve` at random moments while it works on a set
// of jobs, and says what became of the jobs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "bench/bench_listener.h"
#include "bench/resume_report.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"

namespace millrace::bench {

struct ResumeOptions {
  int kills = 200;
  int jobs = 4;              // unfinished at any time, two of them running
  double clip_seconds = 20;  // of the clip that is made where no source is named
  std::optional<std::uint64_t> seed;
  std::filesystem::path source;  // empty: a clip of 640x360 with sound, made with ffmpeg
  std::filesystem::path folder;  // for the data; empty: the system's temporary folder
  std::string millrace;          // path of the program
  std::string ffmpeg = "ffmpeg";
};

// The spec of every job: two renditions, segments of two seconds, sound, and a file that is joined from them.
std::string resume_spec(const std::filesystem::path& source, const std::string& key);

// Blocks. The data lies in a folder of its own that is gone when it returns. cancelled after a stop request;
// internal when the daemon does not come back or no job gets further for five minutes. Nothing else of this
// process may have children meanwhile.
engine::Result<ResumeReport> run_resume_bench(const ResumeOptions& options, const BenchListener& listener,
                                              const StopFlag& stop);

}  // namespace millrace::bench
