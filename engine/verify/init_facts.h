// What an init segment of ours says of its track. Blocking; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::engine {

// Names of colours are FFmpeg's ("bt709"); "unknown" where the file is silent.
struct InitFacts {
  std::string codecs;  // RFC 6381: "hvc1.2.4.L120.90"
  std::string color_range;
  std::string color_matrix;
  std::string color_primaries;
  std::string color_transfer;
};

// "pq" or "hlg" for the transfer curves of BT.2100, else "sdr".
std::string_view dynamic_range_of(std::string_view transfer);

// not_found when there is no such file; internal when it is no init segment.
Result<InitFacts> read_init_facts(const std::filesystem::path& init);

}  // namespace millrace::engine
