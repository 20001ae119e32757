// look_at_pictures reads the beginning of a track, decodes a little of it and says what headers do not.
#pragma once

#include <stop_token>

#include "engine/base/status.h"
#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/media_input.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// Fills in `track`, one of the input's: rate, first_pts, fields, captions, HDR. A file whose timestamps may
// jump is read to its end, up to 1 GiB of it, for the track's true length and the input's jumps().
// corrupt_input for damage that is not accepted and for timestamps that cannot be.
Status look_at_pictures(MediaInput& input, VideoTrack& track, DamageLog& damage, std::stop_token stop);

}  // namespace millrace::engine
