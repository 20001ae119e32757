// Text drawn by libass, through libavfilter. Plain functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/ladder.h"
#include "engine/pipeline/av.h"
#include "engine/pipeline/webvtt.h"

namespace millrace::engine {

// For a line of ASS, in which braces and backslashes mean more than themselves.
std::string as_ass_text(std::string_view plain);

// A cue's text with its <b>, <i> and <u>, at its place (above, in the middle, below; left or right); other
// tags go.
std::string as_ass_text(const Cue& cue);

// A script that shows these cues at any time on a frame of this size: white with a black edge, as large as
// the frame's shorter side wants it, wrapped, one above the other where they would meet.
std::string script_of_cues(const std::vector<const Cue*>& cues, PictureSize frame);

// What a script shows at 0 s, over the picture; `chain` is libavfilter text that follows, or empty. With
// `alpha` the picture's own alpha is drawn too. As filter_one fails; unsupported where libavfilter has no
// libass.
Result<FramePtr> draw_script(FramePtr picture, std::string_view script, bool alpha, const std::string& chain);

}  // namespace millrace::engine
