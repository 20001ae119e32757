#include <cmath>
#include <limits>

#include "engine/pipeline/hls_bytes.h"
#include "engine/pipeline/hls_playlist.h"
#include "tests/fuzz/targets.h"

namespace millrace::test {
namespace {

// What a reference in a playlist leads to: another address of the network, or a refusal.
void refer(const std::string& reference) {
  const auto base = engine::NetworkUrl::parse("https://media.example.org/a/list.m3u8?key=1");
  const auto place = engine::refer(engine::HlsPlace{*base, {}, {}}, reference);
  require(!place.ok() || place->network.has_value(),
          "a playlist of the network names no file of this machine");
  const auto inside = engine::refer(engine::HlsPlace{{}, "/media/a/list.m3u8", "/media/a"}, reference);
  require(!inside.ok() || inside->network || inside->file.native().starts_with("/media/a/"),
          "a playlist of a folder names nothing beside it");
}

}  // namespace

void fuzz_playlist(std::string_view bytes) {
  const auto playlist = engine::parse_hls(bytes);
  if (!playlist.ok()) return require_refusal(playlist.status());
  require(std::isfinite(playlist->seconds) && playlist->seconds >= 0, "a playlist has a length");
  for (const engine::HlsPart& part : playlist->parts) {
    require(!part.url.empty(), "a part has an address");
    require(part.first >= 0 && part.bytes >= 0 &&
                part.first <= std::numeric_limits<std::int64_t>::max() - part.bytes,
            "a part lies where numbers reach");
    refer(part.url);
  }
  if (!playlist->is_master()) return require(!playlist->parts.empty(), "a playlist names something");
  const engine::HlsVariant& largest = engine::largest_of(*playlist);
  require(!largest.url.empty(), "a variant has an address");
  refer(largest.url);
  for (const engine::HlsSound& sound : engine::sounds_of(*playlist, largest)) refer(sound.url);
}

}  // namespace millrace::test
