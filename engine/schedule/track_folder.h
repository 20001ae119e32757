// The folders of tracks and outputs while they are made: which of their files a run leaves there. Free
// functions, any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

constexpr std::int64_t kEverySegment = std::numeric_limits<std::int64_t>::max();

// Removes every file that is no init segment of these `headers` (FinishedSegment::headers), no playlist (nor
// one being written) and no segment below `end_segment`: what a killed worker left half written, segments
// that are made again, the init segment of an encoder that made none. A folder that is not there is a
// success.
Status sweep_track_folder(const std::filesystem::path& folder, std::int64_t end_segment,
                          const std::vector<int>& headers = {0});

// Removes the files of an output, finished or being written, but for those that are `kept`: all whose name up
// to its first dot is `stem`, and of an empty stem every file. A folder that is not there is a success.
Status sweep_output_files(const std::filesystem::path& folder, const std::string& stem,
                          const std::set<std::string>& kept);

// Removes playlists and manifests from a folder and those below it. A folder that is not there is a success.
Status remove_playlists(const std::filesystem::path& folder);

}  // namespace millrace::engine
