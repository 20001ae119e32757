#include "engine/plan/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::engine {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"decode", "filters", "encode"};
// "stage.filters", "stage.filters.source".
constexpr std::string_view kField = "stage.";
constexpr std::string_view kOfSource = ".source";

}  // namespace

std::string_view name_of(Stage stage) { return kNames[static_cast<std::size_t>(stage)]; }

bool from_name(std::string_view name, Stage& stage) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return false;
  stage = static_cast<Stage>(found - kNames.begin());
  return true;
}

Stages Stages::only(Stage stage) {
  return {stage == Stage::decode, stage == Stage::filters, stage == Stage::encode};
}

bool Stages::holds(const Stages& others) const { return with(others) == *this; }

Stages Stages::with(const Stages& others) const {
  return {decode || others.decode, filters || others.filters, encode || others.encode};
}

Status blamed_on(Stage stage, Status failure) {
  failure.at_field(fmt::format("{}{}", kField, name_of(stage)));
  return failure;
}

std::optional<Stage> blamed_stage(const Status& failure) {
  std::string_view field = failure.field();
  Stage stage{};
  if (field.ends_with(kOfSource)) field.remove_suffix(kOfSource.size());
  if (!field.starts_with(kField) || !from_name(field.substr(kField.size()), stage)) return std::nullopt;
  return stage;
}

Status of_source(Status blamed) {
  blamed.at_field(fmt::format("{}{}", blamed.field(), kOfSource));
  return blamed;
}

bool is_of_source(const Status& failure) {
  return blamed_stage(failure) && failure.field().ends_with(kOfSource);
}

std::string shape_of(const VideoTrack& track) {
  return fmt::format("{} {} {} {}x{}{}", track.codec, track.profile.empty() ? "-" : track.profile,
                     track.pixel_format, track.width, track.height, track.interlaced ? " interlaced" : "");
}

}  // namespace millrace::engine
