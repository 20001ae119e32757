// EncoderSpeed: what x264's preset names mean to encoders that count their speeds. Pure.
#pragma once

#include <string_view>

namespace millrace::engine {

struct EncoderSpeed {
  std::string_view preset;
  int svt_av1 = 10;           // preset of SVT-AV1: 13 is the fastest
  int vpx_cpu_used = 5;       // of libvpx: the largest is the fastest
  bool vpx_realtime = false;  // its deadline: realtime, without a look ahead, or good
};

// Null for a name that x264 does not have.
const EncoderSpeed* encoder_speed(std::string_view preset);

}  // namespace millrace::engine
