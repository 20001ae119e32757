// What is taken for the channels of a sound when nothing says what they are, or what it says cannot be mixed.
// Pure; for the planner's words and the pipeline's mixing alike.
#pragma once

#include <string_view>

#include "engine/plan/source.h"

namespace millrace::engine {

// FFmpeg's name of the layout that so many channels are taken for: up to 8 in the order that FFmpeg, WAV and
// SMPTE give as many ("5.1" for 6). Empty for more: of those the first two are taken for left and right,
// where a stereo mix lies by custom, and the others are left out. Any further mixing would be a guess.
std::string_view guessed_layout(int channels);

// The source says how many channels there are and nothing of use beside: their number stands for a layout.
bool has_no_layout(const AudioTrack& track);

}  // namespace millrace::engine
