// open_track: the source of a plan, opened again by a worker, with one of its tracks chosen.
#pragma once

#include <memory>
#include <stop_token>

#include "engine/pipeline/media_input.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// corrupt_input when the file is not the one that was inspected: another size, or no such track.
Result<std::unique_ptr<MediaInput>> open_track(const Source& source, int stream_index, AVMediaType type,
                                               std::stop_token stop);

// The same for a sound of the source, which may lie in a file of its own.
Result<std::unique_ptr<MediaInput>> open_sound_track(const Source& source, const AudioTrack& track,
                                                     std::stop_token stop);

}  // namespace millrace::engine
