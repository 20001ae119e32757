#include "engine/backend/software/encoder_speed.h"

#include <algorithm>
#include <array>

namespace millrace::engine {
namespace {

constexpr std::array kSpeeds = std::to_array<EncoderSpeed>({
    {"ultrafast", 12, 8, true},
    {"superfast", 11, 6, true},
    {"veryfast", 10, 5, false},
    {"faster", 9, 4, false},
    {"fast", 8, 3, false},
    {"medium", 7, 2, false},
    {"slow", 5, 1, false},
    {"slower", 4, 1, false},
    {"veryslow", 3, 0, false},
    {"placebo", 2, 0, false},
});

}  // namespace

const EncoderSpeed* encoder_speed(std::string_view preset) {
  const auto* found = std::find_if(kSpeeds.begin(), kSpeeds.end(),
                                   [&](const EncoderSpeed& each) { return each.preset == preset; });
  return found == kSpeeds.end() ? nullptr : found;
}

}  // namespace millrace::engine
