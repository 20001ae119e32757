// Temporary files that a worker left in a track's folder when it was killed.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/base/status.h"

namespace millrace::engine {

// Removes those of segments [first, end) (`end` < 0: no end): files named "00001.m4s.tmp...". Other ranges'
// files stay, since their workers may be writing them. A folder that does not exist is a success.
Status remove_leftovers(const std::filesystem::path& folder, std::int64_t first, std::int64_t end);

}  // namespace millrace::engine
