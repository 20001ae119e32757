// HLS playlists as sources: their segments, one behind the other, are one file. What a playlist names is read
// only where it may be: from the network only http and https addresses that the address rules allow, from a
// folder only files of this folder and below.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/pipeline/hls_playlist.h"
#include "engine/pipeline/network_url.h"
#include "engine/pipeline/source_bytes.h"

namespace millrace::engine {

// Where a playlist or one of its parts lies.
struct HlsPlace {
  std::optional<NetworkUrl> network;
  std::filesystem::path file;  // without `network`
  std::filesystem::path root;  // the folder of the first playlist

  std::string shown() const { return network ? network->shown() : file.native(); }
  std::string url() const;
};

// What `reference` in a playlist means. invalid_argument for what it may not name, with both.
Result<HlsPlace> refer(const HlsPlace& playlist, const std::string& reference);

// A sound in a playlist of its own, beside the pictures.
struct SoundElsewhere {
  std::string url;
  std::string language;
  std::string name;
  bool is_default = false;
};

struct HlsSource {
  std::unique_ptr<SourceBytes> bytes;  // of all segments; cannot seek
  double seconds = 0;                  // as the playlist says
  bool exact = true;                   // to fractions of a second
  std::vector<SoundElsewhere> sounds;
};

// How much of a playlist's media is opened: all segments, or the last two alone (behind their header).
enum class HlsExtent { whole, end };

// `text`: of the playlist at `place`. A master playlist leads to its largest variant. What parse_hls refuses,
// and what reading refuses.
Result<HlsSource> open_hls(const HlsPlace& place, const std::string& text, std::stop_token stop,
                           HlsExtent extent = HlsExtent::whole);

// Playlists are read up to this size.
constexpr std::size_t kLongestPlaylist = 2 << 20;

}  // namespace millrace::engine
