// The tracks of an adaptive output, put together from the plan, the finished segments and the init segments
// on disk.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/package/adaptive_track.h"
#include "engine/package/publish.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// The segments of one track by index, from 0 up to the first one that is missing.
std::vector<FinishedSegment> run_from_start(const std::string& track, const Segments& segments);

// The renditions, largest first, then the sounds, and the subtitles that are there. Tracks without a finished
// segment are there without codecs. When `whole`, a rendition must have every segment (internal, with the
// first missing one), every subtitle must be there, and sounds without any segment are left out.
Result<AdaptiveSet> adaptive_set(const std::filesystem::path& output_folder, const Plan& plan,
                                 const PlannedOutput& output, const Segments& segments, bool whole);

}  // namespace millrace::engine
