// What a container says about one of its streams, in our words. Pure, but for reading FFmpeg's structures.
#pragma once

#include "engine/pipeline/av.h"
#include "engine/plan/source.h"

namespace millrace::engine {

struct Orientation {
  int rotation_degrees = 0;  // clockwise, 0, 90, 180 or 270
  bool mirrored = false;     // left to right, after the turn
};

// Of a display matrix (ISO/IEC 14496-12 §6.2.2: nine numbers, a b u c d v x y w); upright for null and for
// garbage.
Orientation orientation_of(const std::int32_t* matrix);

VideoTrack video_facts(const AVStream& stream);
AudioTrack audio_facts(const AVStream& stream);
OtherTrack other_facts(const AVStream& stream);

}  // namespace millrace::engine
