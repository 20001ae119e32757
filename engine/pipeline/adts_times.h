// AdtsTimes mends the timestamps of AAC packets with ADTS headers (transport streams, raw AAC). libavformat
// counts on from the last time that the container said, and takes every frame to be as long as the first ones
// were: after a change of the sample rate its times run ahead of the sound, or behind it, and come back at
// the next time that is said. One stream, one thread.
#pragma once

#include <cstdint>

#include "engine/pipeline/av.h"

namespace millrace::engine {

class AdtsTimes {
 public:
  // Timestamps and duration become what the packets' own headers (ISO/IEC 13818-7 §6.2) say; those that agree
  // with them already, and packets without such a header, stay as they are.
  void mend(AVPacket& packet, AVRational time_base);

 private:
  std::int64_t counted_on_ = AV_NOPTS_VALUE;  // where libavformat's counting puts the next packet
  std::int64_t said_ = 0;                     // the time that is counted on from
  std::int64_t samples_ = 0;                  // since then
  int rate_ = 0;                              // of those
  bool moved_ = false;                        // packets since then
};

}  // namespace millrace::engine
