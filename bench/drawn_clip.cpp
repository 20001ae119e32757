#include "bench/drawn_clip.h"

#include <fmt/format.h>

#include "bench/measured_run.h"

namespace millrace::bench {

engine::Status draw_clip(const std::string& ffmpeg, const std::string& size, double seconds,
                         const std::filesystem::path& file, const StopFlag& stop) {
  Command command{ffmpeg, "-nostdin", "-loglevel", "error"};
  const auto add = [&](std::initializer_list<std::string> words) { command.insert(command.end(), words); };
  add({"-f", "lavfi", "-i", fmt::format("testsrc2=size={}:rate=25", size)});
  add({"-f", "lavfi", "-i", "sine=frequency=440", "-t", fmt::format("{:.3f}", seconds)});
  add({"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", file.string()});
  return output_of(command, file.parent_path(), stop).status();
}

}  // namespace millrace::bench
