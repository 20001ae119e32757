// An HLS playlist as plain data, and the reader of its text (RFC 8216). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

// Bytes that a playlist names: a whole resource or a part of it. The address is as written.
struct HlsPart {
  std::string url;
  std::int64_t first = 0;
  std::int64_t bytes = 0;  // 0: to its end

  bool operator==(const HlsPart&) const = default;
};

struct HlsVariant {
  std::string url;
  std::int64_t bits_per_second = 0;
  int width = 0;
  int height = 0;
  std::string audio_group;
};

// A sound in a playlist of its own.
struct HlsSound {
  std::string group;
  std::string url;  // empty: it lies in the variants themselves
  std::string language;
  std::string name;
  bool is_default = false;
};

struct HlsPlaylist {
  // Of a master playlist.
  std::vector<HlsVariant> variants;
  std::vector<HlsSound> sounds;
  // Of a media playlist, in the order in which they are read; a header comes before what needs it.
  std::vector<HlsPart> parts;
  bool has_header = false;  // the first part is one (EXT-X-MAP)
  double seconds = 0;       // as its segments' lengths say
  // The lengths are told to fractions of a second, and one clock runs through all segments.
  bool exact = true;

  bool is_master() const { return !variants.empty(); }
};

bool is_hls(std::string_view text);  // by how it begins

// corrupt_input for what breaks the rules; unsupported for what is not read: live playlists (no
// EXT-X-ENDLIST), encrypted ones, a header that changes on the way, gaps.
Result<HlsPlaylist> parse_hls(std::string_view text);

// The variant with the largest picture, of equals the one with the most bits. The playlist is a master.
const HlsVariant& largest_of(const HlsPlaylist& playlist);
// The sounds of a variant that lie in playlists of their own, the default first.
std::vector<HlsSound> sounds_of(const HlsPlaylist& playlist, const HlsVariant& variant);

}  // namespace millrace::engine
