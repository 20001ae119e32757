// The folder of one track while it is made: which of its files a run leaves there. Free functions, any
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

#include "engine/base/status.h"

namespace millrace::engine {

constexpr std::int64_t kEverySegment = std::numeric_limits<std::int64_t>::max();

// Removes every file that is no init segment, no playlist (nor one being written) and no segment below
// `end_segment`: what a killed worker left half written, and segments that are made again. A folder that is
// not there is a success.
Status sweep_track_folder(const std::filesystem::path& folder, std::int64_t end_segment);

}  // namespace millrace::engine
