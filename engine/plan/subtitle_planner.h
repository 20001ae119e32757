// Which text tracks an adaptive output gets. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/job/job_spec.h"
#include "engine/plan/plan.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// The source's text tracks and the files given beside it, in folders below `output`'s, with names that are
// unique in it and safe in a playlist. At most one is the default.
std::vector<PlannedSubtitle> plan_subtitles(const Source& source, std::span<const SubtitleFile> files,
                                            const std::string& output);

// One for every subtitle that is made, and one for every subtitle track of the source that is dropped:
// bitmaps, kinds that are not known, and text where no output takes any. `burnt`: streams that are not,
// because pictures have them burnt in.
std::vector<Decision> subtitle_decisions(const Source& source, std::span<const PlannedSubtitle> subtitles,
                                         std::span<const int> burnt = {});

// Whether a subtitle track is text, or pictures, that decoders here can read; neither: something else.
bool is_text_subtitle(const OtherTrack& track);
bool is_bitmap_subtitle(const OtherTrack& track);

}  // namespace millrace::engine
