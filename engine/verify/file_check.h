// Decodes a whole file. Blocking; safe to call from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

struct DecodedFile {
  std::vector<std::int64_t> pictures;  // of each picture track
  std::vector<std::int64_t> samples;   // of each sound track
};

// corrupt_input for whatever does not decode without an error.
Result<DecodedFile> decode_file(const std::filesystem::path& file);

}  // namespace millrace::engine
