#include "engine/job/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace millrace::engine {
namespace {

constexpr std::array<std::string_view, 4> kCodecs = {"h264", "hevc", "av1", "vp9"};
constexpr std::array<std::string_view, 6> kContainers = {"mp4", "mkv", "webm", "ogg", "mov", "ts"};
constexpr std::array<std::string_view, 2> kPackages = {"hls", "dash"};
constexpr std::array<std::string_view, 5> kPhases = {"checking", "fetching", "processing", "packaging",
                                                     "publishing"};
constexpr std::array<std::string_view, 9> kPresets = {"ultrafast", "superfast", "veryfast", "faster",  "fast",
                                                      "medium",    "slow",      "slower",   "veryslow"};

// The names stand in the order of the enum's values.
template <class Names, class Enum>
bool find_name(const Names& names, std::string_view name, Enum& value) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return false;
  value = static_cast<Enum>(found - names.begin());
  return true;
}

template <class Enum>
bool take(const std::optional<Enum>& found, Enum& value) {
  if (found) value = *found;
  return found.has_value();
}

}  // namespace

std::string_view name_of(VideoCodec codec) { return kCodecs[static_cast<std::size_t>(codec)]; }
std::string_view name_of(Container container) { return kContainers[static_cast<std::size_t>(container)]; }
std::string_view name_of(Package package) { return kPackages[static_cast<std::size_t>(package)]; }
std::string_view name_of(Phase phase) { return kPhases[static_cast<std::size_t>(phase)]; }

bool from_name(std::string_view name, VideoCodec& value) { return find_name(kCodecs, name, value); }
bool from_name(std::string_view name, Container& value) { return find_name(kContainers, name, value); }
bool from_name(std::string_view name, Package& value) { return find_name(kPackages, name, value); }
bool from_name(std::string_view name, Phase& value) { return find_name(kPhases, name, value); }
bool from_name(std::string_view name, JobState& value) { return take(job_state_named(name), value); }
bool from_name(std::string_view name, Code& value) { return take(code_named(name), value); }

std::string codec_names() { return fmt::format("{}", fmt::join(kCodecs, ", ")); }
std::string container_names() { return fmt::format("{}", fmt::join(kContainers, ", ")); }
std::string package_names() { return fmt::format("{}", fmt::join(kPackages, ", ")); }
std::string preset_names() { return fmt::format("{}", fmt::join(kPresets, ", ")); }
bool is_preset(std::string_view name) {
  return std::find(kPresets.begin(), kPresets.end(), name) != kPresets.end();
}

}  // namespace millrace::engine
