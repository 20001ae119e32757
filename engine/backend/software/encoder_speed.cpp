#include "engine/backend/software/encoder_speed.h"

#include <algorithm>
#include <array>

namespace millrace::engine {
namespace {

constexpr std::array kSpeeds = std::to_array<EncoderSpeed>({
    {"ultrafast", 12, 8, true, 0},
    {"superfast", 11, 6, true, 0},
    {"veryfast", 10, 5, false, 10},
    {"faster", 9, 4, false, 20},
    {"fast", 8, 3, false, 30},
    {"medium", 7, 2, false, 40},
    {"slow", 5, 1, false, 50},
    {"slower", 4, 1, false, 60},
    {"veryslow", 3, 0, false, 60},
    {"placebo", 2, 0, false, 60},
});

}  // namespace

const EncoderSpeed* encoder_speed(std::string_view preset) {
  const auto* found = std::find_if(kSpeeds.begin(), kSpeeds.end(),
                                   [&](const EncoderSpeed& each) { return each.preset == preset; });
  return found == kSpeeds.end() ? nullptr : found;
}

}  // namespace millrace::engine
