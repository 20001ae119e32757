// SoundGroup: the sounds of an adaptive output as HLS groups them (RFC 8216 §4.3.4.1.1). Plain data, and pure
// functions over it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/package/adaptive_track.h"

namespace millrace::engine {

// One encoding of every sound there is. Every group of a set has the same members, with the same names.
struct SoundGroup {
  struct Member {
    const AdaptiveTrack* track = nullptr;  // of the set it was made from
    std::string name;                      // unique in the group
    bool is_default = false;               // of one member
    bool autoselect = false;               // of one member a language
  };
  std::string id;  // "audio", "surround"
  std::vector<Member> members;

  const AdaptiveTrack& main() const;                       // the default member's
  std::string codecs() const;                              // of all members, each once: "mp4a.40.2"
  Bandwidth bandwidth(std::int64_t target_seconds) const;  // of the member that takes the most
};

// None without sounds. "surround" is there only where a sound has more encodings than one; members that have
// one alone stand in both groups.
std::vector<SoundGroup> sound_groups(const std::vector<AdaptiveTrack>& tracks);

}  // namespace millrace::engine
