#include "engine/plan/channels.h"

#include <fmt/format.h>

#include <array>

namespace millrace::engine {

std::string_view guessed_layout(int channels) {
  constexpr std::array<std::string_view, 9> kUsual = {"",    "mono", "stereo", "2.1", "4.0",
                                                      "5.0", "5.1",  "6.1",    "7.1"};
  const auto at = static_cast<std::size_t>(channels);
  return channels > 0 && at < kUsual.size() ? kUsual[at] : std::string_view();
}

bool has_no_layout(const AudioTrack& track) {
  return track.channel_layout == fmt::format("{} channels", track.channels);
}

}  // namespace millrace::engine
