// Which dynamic range a source has, and which one the job's pictures keep: one for all of them. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/plan/plan.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// FFmpeg's name of the transfer function: what the track says; where it is silent, that of the base picture
// its Dolby Vision profile promises; else "unknown".
std::string transfer_of(const VideoTrack& track);

// Whether the track is silent of its transfer and Dolby Vision says it.
bool transfer_by_dolby_vision(const VideoTrack& track);

// PQ or HLG (BT.2100).
bool is_hdr(const VideoTrack& track);

// The pictures that the plan normalises stay HDR.
bool keeps_hdr(const Plan& plan);

struct PlannedRange {
  bool keep_hdr = false;  // renditions are 10 bit in the source's HDR; else 8 bit SDR
  std::vector<Decision> decisions;
};

// unsupported for Dolby Vision without a base picture that other decoders understand (profile 5, 10.0), and
// for outputs that want different ranges of an HDR source ("outputs[1].video.hdr: ..."); an SDR source has
// nothing to keep, which a decision says.
Result<PlannedRange> plan_range(const JobSpec& spec, const VideoTrack& track);

}  // namespace millrace::engine
