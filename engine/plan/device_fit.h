// Why a device cannot do a stage of a range's pictures, by what its driver listed of it. Pure. Each gives a
// sentence ("NVIDIA H200 does not decode av1"), empty where it can.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/job/formats.h"
#include "engine/plan/plan.h"
#include "hw/inventory.h"

namespace millrace::engine {

// Chroma (400, 420, 422 or 444) and bits of FFmpeg's planar YUV and grey formats ("yuv420p10le", "nv12",
// "gray"); none for any other.
struct PixelForm {
  int chroma = 420;
  int bits = 8;
};
std::optional<PixelForm> pixel_form_of(const std::string& pixel_format);

std::string why_not_decoded(const hw::GpuFacts& gpu, const VideoTrack& track);

// Filters, scaling and overlays of all the plan's renditions, whose encodes are placed. `nvidia_steps`: see
// Backends.
std::string why_not_filtered(const hw::GpuFacts& gpu, const Plan& plan,
                             const std::vector<std::string>& nvidia_steps);

// Of the plan's overlays; on NVIDIA's devices they are laid where the pictures are scaled.
std::string why_not_overlaid(const hw::GpuFacts& gpu, const Plan& plan);

// `codecs`: those that the build has encoders of that device for, in the rendition's depth.
std::string why_not_encoded(const hw::GpuFacts& gpu, const PlannedRendition& rendition,
                            const std::vector<VideoCodec>& codecs);

// H.264 carries captions (CEA-608), which FFmpeg's VAAPI encoder does not write in every version.
std::string why_captions_are_lost(const hw::GpuFacts& gpu, const PlannedRendition& rendition,
                                  const VideoTrack& track);

// Pictures of the source's size that the steps before the ladder hold on an NVIDIA card at once: each the one
// that it makes, and the last of them one more, which the range's gate keeps.
int step_pictures_of(const Plan& plan);

// Memory of the device that the plan's pictures take there, in bytes: what decodes, filters and encodes on
// the CPU takes none.
std::uint64_t device_memory_of(const Plan& plan);

}  // namespace millrace::engine
