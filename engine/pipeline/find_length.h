// find_length: how long a source really is where its container only promises it. Part of inspect().
#pragma once

#include <stop_token>

#include "engine/base/status.h"
#include "engine/pipeline/media_input.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// Before the pictures are looked at: compares what an HLS playlist says of its length with where its last
// segments end. Where they disagree the playlist is trusted no more, and will be read whole. What keeps the
// segments from being read (io_error, cancelled).
Status check_playlist(MediaInput& input, Source& source, const std::stop_token& stop);

// After it. `source` has its tracks and what the container promises; where the media goes on behind that, its
// lengths are made longer (never shorter). Cheap ways come first: an MP4's index, an FLV's last tag, what
// lies behind Matroska's last key frames; else up to kMostReadForLength bytes are read, without decoding.
// Where that does not reach the end, `length_promised` is set. cancelled and io_error; damage is left to
// those who decode.
Status find_length(MediaInput& input, Source& source, const std::stop_token& stop);

}  // namespace millrace::engine
