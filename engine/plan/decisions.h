// What `explain` shows of a plan's tracks: a decision a stage, each with its reason. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/job/ladder.h"
#include "engine/plan/placement.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// Which of the source's pictures is used, how it is decoded, normalised and encoded, rendition by rendition.
// `picture` is the normalised size, `reasons` says why stages run where they do.
std::vector<Decision> picture_decisions(const Plan& plan, PictureSize picture,
                                        const PlacementReasons& reasons);

// Every sound that is coded, and the source's tracks that are not.
std::vector<Decision> sounds_decisions(const Plan& plan);

}  // namespace millrace::engine
