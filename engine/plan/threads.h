// How a job's cores are shared out: into ranges that are made at once, and among the threads of each. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/plan/plan.h"

namespace millrace::engine {

// Threads of each rendition's encoder: its share of all pixels times the cores, rounded up, 1..16. On two
// cores the auto ladder's largest gets 2 and the others 1, which was measured as the fastest.
std::vector<int> threads_for(std::span<const PlannedRendition> renditions, int cores);

// Threads of the decoder (and of the normalisation): 1 on up to two cores, else half of them, at most 8.
int decoder_threads_for(int cores);

// The same while a range makes the smallest of several renditions alone: its encoder leaves cores free.
int decoder_threads_alone(const Plan& plan);

// Threads that look at a finished segment by decoding it, of an encoder with so many: its thread stands still
// meanwhile. At most 4.
int check_threads_for(int encoder_threads);

// Cores that one range of these renditions keeps busy, at least 1: what is decoded goes through one thread
// after another, and an encoder is no faster with more threads than one for so many lines of its pictures.
double cores_of_range(std::span<const PlannedRendition> renditions);

// Ranges that a job's pictures are made in, side by side, on so many cores: as many as it takes to keep them
// busy, each of least_segments_of() at least, together in a third of `memory_bytes` (0: not known). One where
// ranges cannot begin anywhere (the source cannot seek, its length is not known), where damage is accepted
// (what it took is told once), for a paced job, and where a stage is on a device.
int ranges_for(const Plan& plan, int cores, std::uint64_t memory_bytes);

// The same for a job that goes on with this plan, on other cores perhaps: its threads stay.
int ranges_again(const Plan& plan, int cores, std::uint64_t memory_bytes);

// Segments of a range: shorter ones cost more, because each opens the source and fills an encoder anew.
std::int64_t least_segments_of(const SegmentClock& clock);

}  // namespace millrace::engine
