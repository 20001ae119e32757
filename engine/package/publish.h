// Playlists and manifests over finished segments. Everything is written aside and renamed; safe while
// players read.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/plan/plan.h"
#include "engine/plan/segment.h"

namespace millrace::engine {

// The segments of a job that are committed so far, any order.
using Segments = std::vector<FinishedSegment>;

// Writes the HLS playlists of an adaptive output for what is there: media playlists (EVENT without ENDLIST
// while `whole` is false, VOD with ENDLIST after) and the master playlist once every rendition and sound has
// its first segment; subtitles, whose one file is a segment of index 0 of their folder, are in it as soon as
// they are there. When `whole`, DASH's manifest.mpd (static) is written too, and temporary files that a
// killed process left in the output's folder go. BANDWIDTH is the measured peak of the segments so far, at
// least the planned bits.
Status write_adaptive(const std::filesystem::path& output_folder, const Plan& plan,
                      const PlannedOutput& output, const Segments& segments, bool whole);

}  // namespace millrace::engine
