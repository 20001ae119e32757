#include "tests/support/played_track.h"

#include <algorithm>
#include <stdexcept>

#include "engine/base/file.h"
#include "tests/support/played_file.h"
#include "tests/support/temp_folder.h"

namespace millrace::test {
namespace fs = std::filesystem;
namespace {

std::string joined(const fs::path& folder) {
  std::vector<fs::path> segments;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".m4s") segments.push_back(entry.path());
  std::sort(segments.begin(), segments.end());
  std::string bytes = engine::read_file(folder / "init.mp4").value();
  for (const fs::path& segment : segments) bytes += engine::read_file(segment).value();
  return bytes;
}

}  // namespace

PlayedTrack play(const fs::path& track_folder) {
  const TempFolder folder;
  const fs::path file = folder / "joined.mp4";
  if (!engine::write_file(file, joined(track_folder)).ok())
    throw std::runtime_error("cannot write the joined track");
  std::vector<PlayedStream> streams = play_file(file);
  if (streams.size() != 1) throw std::runtime_error("no single stream");
  return std::move(streams[0].track);
}

}  // namespace millrace::test
