// Which coded tracks of a source a file can take over as they are. Pure.
#pragma once

#include "engine/base/status.h"
#include "engine/job/formats.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// unsupported, with what the container holds ("webm cannot hold h264; it holds vp8, vp9, av1"), for a codec
// that has no place in it, and for a picture whose turn or mirroring it cannot say.
Status check_copy(Container container, const VideoTrack& track);
Status check_copy(Container container, const AudioTrack& track);
Status check_copy(AudioContainer container, const AudioTrack& track);

}  // namespace millrace::engine
