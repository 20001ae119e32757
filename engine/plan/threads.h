// How a job's cores are shared out. Pure.
#pragma once

#include <span>
#include <vector>

#include "engine/plan/plan.h"

namespace millrace::engine {

// Threads of each rendition's encoder: its share of all pixels times the cores, rounded up, 1..16. On two
// cores the auto ladder's largest gets 2 and the others 1, which was measured as the fastest.
std::vector<int> threads_for(std::span<const PlannedRendition> renditions, int cores);

// Threads of the decoder (and of the normalisation): 1 on up to two cores, else half of them, at most 8.
int decoder_threads_for(int cores);

}  // namespace millrace::engine
