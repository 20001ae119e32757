// Planned tracks as people read them. Pure.
#pragma once

#include <string>

#include "engine/plan/plan.h"

namespace millrace::engine {

std::string codec_text(const PlannedRendition& rendition);  // "h264 veryfast", "hevc slow, 10 bit", "theora"
std::string rate_control_text(const PlannedRendition& rendition);  // "2.8 Mb/s", "quality 23, at most 4 Mb/s"
std::string encode_text(const PlannedRendition& rendition);        // both, with the GOP and the threads
std::string sound_text(const PlannedSound& sound);                 // "aac stereo, 48000 Hz, 128 kb/s"
std::string stills_text(const PlannedOutput& output);              // "jpg 320x180, every 5 s"

}  // namespace millrace::engine
