// What an encoder is asked for, in tests of encoders.
#pragma once

#include "engine/backend/backend.h"

namespace millrace::test {

// 200 kbit/s at 25 frames a second, a segment every ten.
inline engine::VideoEncoderSettings coding(engine::VideoCodec codec) {
  engine::VideoEncoderSettings made;
  made.codec = codec;
  made.preset = "veryfast";
  made.bits_per_second = 200'000;
  made.frame_rate = {25, 1};
  made.clock = engine::SegmentClock(36'000);
  return made;
}

}  // namespace millrace::test
