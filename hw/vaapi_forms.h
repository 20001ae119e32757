// VAAPI's profiles as forms of video. Pure.
#pragma once

#include <span>

namespace millrace::hw {

// One form that streams of a profile may have. 4:2:0 of 8 and of 10 bits share AV1's profile 0, so a profile
// may have several.
struct VaForm {
  int profile;        // a VAProfile
  const char* codec;  // as FFmpeg names it
  int chroma;         // 420, 422, 444
  int bits;           // of a sample
  unsigned surface;   // the VA_RT_FORMAT_* that such pictures need
};

// Profiles of one codec and form lie together; several profiles may give the same form.
std::span<const VaForm> va_forms();

}  // namespace millrace::hw
