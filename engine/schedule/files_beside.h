// The files that a plan reads beside its source, overlays and external subtitles: noted when the plan is
// made, so that a change between attempts is seen. Reads files of this machine alone; safe from any thread.
#pragma once

#include "engine/plan/plan.h"

namespace millrace::engine {

// Digests them. What cannot be read here (also what lies on another machine) keeps no digest: the worker that
// needs it says why.
void note_files_beside(Plan& plan);

// False when one of them is not the file that was noted any more.
bool has_same_files_beside(const Plan& plan);

}  // namespace millrace::engine
