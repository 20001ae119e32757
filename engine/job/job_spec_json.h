// The spelling of a job's spec: the only place that knows its field names. Unknown and doubled fields are
// refused by name.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "engine/job/job_spec.h"
#include "engine/job/ladder.h"

namespace millrace::engine {

// Reads and validates. invalid_argument names the field and what is allowed there; unsupported names what the
// contract knows and this build does not do (notify, inputs from the net). Nesting deeper than 32
// levels is refused.
Result<JobSpec> parse_job_spec(std::string_view json);

// The input of a spec alone, {"url": ...} or {"slides": ...}: all else is left out of the spec.
Result<JobSpec> parse_job_input(std::string_view json);

// The spec with every default written out. parse_job_spec(to_json(spec).dump()) gives the same spec.
nlohmann::ordered_json to_json(const JobSpec& spec);

// Readers of the short forms that the spec and the command line share: "2.8M", "128k", "5000000" (bits per
// second); "1080p,720p"; "hls,dash"; names of enums; "auto", "cpu", "cuda:1", "vaapi:/dev/dri/renderD128";
// "320x180"; "15%"; "FROM:TO" in seconds, either left out.
Result<std::int64_t> parse_bit_rate(std::string_view text);
Result<std::vector<Rung>> parse_ladder(std::string_view text);
Result<std::vector<Package>> parse_packages(std::string_view text);
Result<VideoCodec> parse_video_codec(std::string_view text);
Result<DevicePreference> parse_device(std::string_view text);
Result<PictureSize> parse_size(std::string_view text);
Result<Length> parse_percent(std::string_view text);
Result<Trim> parse_trim(std::string_view text);
Result<OnDamage> parse_on_damage(std::string_view text);

}  // namespace millrace::engine
