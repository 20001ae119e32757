#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/base/log.h"
#include "engine/base/scratch_folder.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/media_log.h"
#include "engine/plan/planner.h"
#include "tests/engine/plan/sources.h"
#include "tests/fuzz/targets.h"

namespace millrace::test {
namespace {

// One file for all: a new name each time would cost more than the look.
const std::filesystem::path& source_file() {
  static const auto folder = [] {
    engine::init_media_log();
    spdlog::set_level(spdlog::level::off);
    return engine::ScratchFolder::make("fuzz");
  }();
  require(folder.ok(), "there is a temporary folder");
  static const std::filesystem::path file = folder->path() / "source";
  return file;
}

void plan_for(const engine::Source& source) {
  engine::JobSpec spec;
  spec.input_url = source.url;
  engine::AdaptiveOutput output;
  output.name = "abr";
  spec.outputs = {output};
  const auto plan = engine::make_plan(source, spec, engine::test::without_gpu(), 2);
  if (!plan.ok()) return require_refusal(plan.status());
  const std::string json = engine::to_json(*plan).dump();
  const auto carried = engine::plan_from_json(nlohmann::ordered_json::parse(json));
  require(carried.ok(), fmt::format("a plan can be carried: {}", carried.status().message()));
  require(engine::to_json(*carried).dump() == json, "a plan stays the same when it is carried");
}

void look(const std::string& url, bool accept_damage) {
  const auto source = engine::inspect(url, {}, accept_damage);
  if (!source.ok()) return require_refusal(source.status());
  require(std::isfinite(source->duration_seconds) && source->duration_seconds >= 0, "a length is a length");
  require(
      source->chosen_video < std::ssize(source->video) && source->chosen_audio < std::ssize(source->audio),
      "a chosen track is one of its tracks");
  require(source->main_video() != nullptr || source->main_audio() != nullptr, "a source has a track");
  const std::string json = engine::to_json(*source).dump();
  const auto carried = engine::source_from_json(nlohmann::ordered_json::parse(json));
  require(carried.ok(), fmt::format("a source can be carried: {}", carried.status().message()));
  require(engine::to_json(*carried).dump() == json, "a source stays the same when it is carried");
  require(!engine::describe(*source).empty(), "a source can be told");
  plan_for(*source);
}

}  // namespace

void fuzz_inspect(std::string_view bytes) {
  overwrite(source_file(), bytes);
  look(source_file().native(), /*accept_damage=*/false);
  look(source_file().native(), /*accept_damage=*/true);
}

}  // namespace millrace::test
