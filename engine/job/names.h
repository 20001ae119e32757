// Names of the enums in specs, jobs and plans, read back. Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/job/job.h"
#include "engine/job/job_spec.h"

namespace millrace::engine {

// Each sets `value` and gives true for a known name.
bool from_name(std::string_view name, VideoCodec& value);
bool from_name(std::string_view name, AudioCodec& value);
bool from_name(std::string_view name, Container& value);
bool from_name(std::string_view name, AudioContainer& value);
bool from_name(std::string_view name, StillFormat& value);
bool from_name(std::string_view name, Package& value);
bool from_name(std::string_view name, Overlay::Anchor& value);
bool from_name(std::string_view name, OnDamage& value);
bool from_name(std::string_view name, Phase& value);
bool from_name(std::string_view name, JobState& value);
bool from_name(std::string_view name, Code& value);

// All names of an enum above that specs use, for messages: names_of<Package>() is "hls, dash".
template <class Enum>
std::string names_of();

std::string preset_names();
bool is_preset(std::string_view name);

}  // namespace millrace::engine
