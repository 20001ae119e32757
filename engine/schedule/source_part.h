// SourcePart: which bytes of a source make a smaller one that can still be read. No media library: only the
// places where containers can be taken up are looked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/base/status.h"

namespace millrace::engine {

struct SourcePart {
  std::int64_t head = 0;  // bytes [0, head), which say how to read the rest, and
  std::int64_t from = 0;  // bytes [from, to)
  std::int64_t to = 0;

  std::int64_t bytes() const { return head + to - from; }
  std::string text() const;  // "its first 4711 bytes", "its bytes 940000 to 1200000 behind its first 583"
  bool operator==(const SourcePart&) const = default;
};

// The part of at most `most_bytes` that begins at the first place from byte `from` on where a reader can take
// it up: MPEG transport streams (ISO 13818-1; a packet with random access where one is near, else any), MPEG
// program streams (a pack), Matroska and WebM (a cluster, behind what comes before the first), fragmented MP4
// (a moof, likewise). None: there is no such place within that many bytes, or the container has one index for
// all of it, or the file cannot be read.
std::optional<SourcePart> part_from(const std::filesystem::path& source, std::int64_t from,
                                    std::int64_t most_bytes);

Status copy_part(const std::filesystem::path& source, const SourcePart& part,
                 const std::filesystem::path& to);

}  // namespace millrace::engine
