// look_at_pictures reads the beginning of a track, decodes a little of it and says what headers do not.
#pragma once

#include <cstdint>
#include <stop_token>

#include "engine/base/status.h"
#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/media_input.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// The file's timestamps may jump, so that its end says nothing about its length, and it is small enough to be
// read to its end: look_at_pictures does it.
bool is_read_whole(const MediaInput& input);
// Bytes that may be read for a source's length alone.
constexpr std::int64_t kMostReadForLength = std::int64_t{1} << 30;

// Fills in `track`, one of the input's: rate, first_pts, fields, captions, HDR. A file that
// is_read_whole() is, for the track's true length and the input's jumps().
// corrupt_input for damage that is not accepted and for timestamps that cannot be.
Status look_at_pictures(MediaInput& input, VideoTrack& track, DamageLog& damage, std::stop_token stop);

}  // namespace millrace::engine
