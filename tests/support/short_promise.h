// Media whose container promises less than it holds, made out of files of make_sample().
#pragma once

#include <filesystem>
#include <string>

namespace millrace::test {

// Writes another length into the headers of an FLV or Matroska file, and into the tags of Matroska's tracks.
// A file without them throws std::runtime_error.
void promise_seconds(const std::filesystem::path& file, double seconds);

// The text of an HLS playlist beside `file`, a fragmented MP4: each fragment is a segment that is said to
// last `seconds`.
std::string playlist_of_fragments(const std::filesystem::path& file, double seconds);

}  // namespace millrace::test
