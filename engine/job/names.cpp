#include "engine/job/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace millrace::engine {
namespace {

// The names stand in the order of the enum's values.
template <class Enum>
constexpr int kNames = 0;
template <>
constexpr std::array<std::string_view, 5> kNames<VideoCodec> = {"h264", "hevc", "av1", "vp9", "theora"};
template <>
constexpr std::array<std::string_view, 6> kNames<AudioCodec> = {"aac",    "mp3",  "opus",
                                                                "vorbis", "flac", "pcm"};
template <>
constexpr std::array<std::string_view, 6> kNames<Container> = {"mp4", "mkv", "webm", "ogg", "mov", "ts"};
template <>
constexpr std::array<std::string_view, 6> kNames<AudioContainer> = {"m4a",  "mp3",  "ogg",
                                                                    "opus", "flac", "wav"};
template <>
constexpr std::array<std::string_view, 3> kNames<StillFormat> = {"jpg", "png", "webp"};
template <>
constexpr std::array<std::string_view, 2> kNames<Package> = {"hls", "dash"};
template <>
constexpr std::array<std::string_view, 9> kNames<Overlay::Anchor> = {
    "top_left", "top", "top_right", "left", "centre", "right", "bottom_left", "bottom", "bottom_right"};
template <>
constexpr std::array<std::string_view, 2> kNames<OnDamage> = {"refuse", "accept"};
template <>
constexpr std::array<std::string_view, 5> kNames<Phase> = {"checking", "fetching", "processing", "packaging",
                                                           "publishing"};

constexpr std::array<std::string_view, 9> kPresets = {"ultrafast", "superfast", "veryfast", "faster",  "fast",
                                                      "medium",    "slow",      "slower",   "veryslow"};

template <class Enum>
std::string_view name_in_list(Enum value) {
  return kNames<Enum>[static_cast<std::size_t>(value)];
}

template <class Enum>
bool find_name(std::string_view name, Enum& value) {
  const auto& names = kNames<Enum>;
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

std::string_view name_of(VideoCodec codec) { return name_in_list(codec); }
std::string_view name_of(AudioCodec codec) { return name_in_list(codec); }
std::string_view name_of(Container container) { return name_in_list(container); }
std::string_view name_of(AudioContainer container) { return name_in_list(container); }
std::string_view name_of(StillFormat format) { return name_in_list(format); }
std::string_view name_of(Package package) { return name_in_list(package); }
std::string_view name_of(Overlay::Anchor anchor) { return name_in_list(anchor); }
std::string_view name_of(OnDamage choice) { return name_in_list(choice); }
std::string_view name_of(Phase phase) { return name_in_list(phase); }

bool from_name(std::string_view name, VideoCodec& value) { return find_name(name, value); }
bool from_name(std::string_view name, AudioCodec& value) { return find_name(name, value); }
bool from_name(std::string_view name, Container& value) { return find_name(name, value); }
bool from_name(std::string_view name, AudioContainer& value) { return find_name(name, value); }
bool from_name(std::string_view name, StillFormat& value) { return find_name(name, value); }
bool from_name(std::string_view name, Package& value) { return find_name(name, value); }
bool from_name(std::string_view name, Overlay::Anchor& value) { return find_name(name, value); }
bool from_name(std::string_view name, OnDamage& value) { return find_name(name, value); }
bool from_name(std::string_view name, Phase& value) { return find_name(name, value); }
bool from_name(std::string_view name, JobState& value) { return take(job_state_named(name), value); }
bool from_name(std::string_view name, Code& value) { return take(code_named(name), value); }

template <class Enum>
std::string names_of() {
  return fmt::format("{}", fmt::join(kNames<Enum>, ", "));
}
template std::string names_of<Container>();
template std::string names_of<AudioContainer>();
template std::string names_of<StillFormat>();
template std::string names_of<Package>();
template std::string names_of<Overlay::Anchor>();
template std::string names_of<OnDamage>();

std::string preset_names() { return fmt::format("{}", fmt::join(kPresets, ", ")); }
bool is_preset(std::string_view name) {
  return std::find(kPresets.begin(), kPresets.end(), name) != kPresets.end();
}

}  // namespace millrace::engine
