// The image that the canary lays over its film. Any thread.
#pragma once

#include <filesystem>

#include "engine/base/status.h"

namespace millrace::engine {

// Writes a disc in changing colours with a soft edge on nothing, as a BMP of 32 bits. Fails as write_file()
// does.
Status write_disc(const std::filesystem::path& path, int side);

}  // namespace millrace::engine
