// What must hold between the ledger of a job and its plan for outputs that are files of their own, and for
// subtitles, before anything is read from disk. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "engine/package/publish.h"
#include "engine/plan/plan.h"
#include "engine/verify/receipt.h"

namespace millrace::engine {

// What the frames of an output's files are.
enum class OutputFrames { pictures, samples };
OutputFrames frames_of(const PlannedOutput& output);

// For each output but adaptive ones, and each subtitle: every file is there, decoded by the worker that made
// it; as many stills as were asked for; pictures (samples) in a file as in the segments it is joined from, or
// as in the source.
std::vector<Check> output_checks(const Plan& plan, const Segments& segments);

}  // namespace millrace::engine
