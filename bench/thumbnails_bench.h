// ThumbnailsBench: stills of one source by Millrace in one job, and by ffmpeg with one seek per still, in
// turn, on the same machine, in one run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/command.h"
#include "bench/ladder_bench.h"
#include "bench/stop_flag.h"
#include "bench/thumbnails_report.h"
#include "engine/base/status.h"

namespace millrace::bench {

struct ThumbnailsOptions {
  std::filesystem::path source;
  int count = 60;
  int width = 320;  // of a still
  int rounds = 3;
  std::string millrace;           // path of the program
  std::string ffmpeg = "ffmpeg";  // ffprobe is taken from the same folder
};

// What both ways are asked for.
struct ThumbnailsWork {
  LadderSource source;
  engine::PictureSize size;
  std::vector<double> at;  // seconds, each the start of a picture, spread over the whole source
};

// invalid_argument for a source with fewer pictures than stills. Pure.
engine::Result<ThumbnailsWork> thumbnails_work(const LadderSource& source, const ThumbnailsOptions& options);
std::string describe(const ThumbnailsWork& work);

// The spec that Millrace is given, as JSON.
std::string millrace_spec(const ThumbnailsWork& work);
Command millrace_command(const std::string& program, const ThumbnailsWork& work,
                         const std::filesystem::path& spec, const std::filesystem::path& out);
// A process per still; each seeks to the key frame before it and decodes up to it. Files OUT/0001.jpg and so
// on.
std::vector<Command> command_per_still(const std::string& ffmpeg, const ThumbnailsWork& work,
                                       const std::filesystem::path& out);

// Blocks. Outputs lie in a temporary folder that is gone when it returns. cancelled after a stop request;
// internal when a way did not make every still. Nothing else of this process may have children meanwhile.
engine::Result<ThumbnailsReport> run_thumbnails_bench(const ThumbnailsOptions& options,
                                                      const BenchListener& listener, const StopFlag& stop);

}  // namespace millrace::bench
