// Looks at a slide show's files. For inspect.cpp.
#pragma once

#include <stop_token>

#include "engine/base/status.h"
#include "engine/job/slide_show.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// The show as a source: its URL is the show by value, with the frame chosen and the images' digests noted;
// its picture is what SlideBytes gives, its sound the main track of the show's sound file. Every image is
// decoded and a text card drawn once, so that what cannot be shown is refused here, with its field
// ("input.slides[2].image").
Result<Source> inspect_slides(SlideShow show, std::stop_token stop, bool accept_damage);

}  // namespace millrace::engine
