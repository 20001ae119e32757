// Names of the enums in specs, jobs and plans, read back. Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/job/job.h"
#include "engine/job/job_spec.h"

namespace millrace::engine {

// Each sets `value` and gives true for a known name.
bool from_name(std::string_view name, VideoCodec& value);
bool from_name(std::string_view name, Container& value);
bool from_name(std::string_view name, Package& value);
bool from_name(std::string_view name, Phase& value);
bool from_name(std::string_view name, JobState& value);
bool from_name(std::string_view name, Code& value);

// "h264, hevc, av1, vp9", for messages.
std::string codec_names();
std::string container_names();
std::string package_names();
std::string preset_names();
bool is_preset(std::string_view name);

}  // namespace millrace::engine
