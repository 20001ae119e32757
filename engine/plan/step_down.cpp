#include "engine/plan/step_down.h"

#include <fmt/format.h>

#include <vector>

#include "engine/plan/placement.h"

namespace millrace::engine {
namespace {

int& decoding_threads(Plan& plan, std::optional<std::size_t> output) {
  if (output && *output < plan.outputs.size()) {
    PlannedOutput& made = plan.outputs[*output];
    if (made.type == PlannedOutput::Type::thumbnails || made.type == PlannedOutput::Type::sprites)
      return made.stills.threads;
  }
  return plan.decoder_threads;
}

// What a task's pictures go through, as far as care changes it.
struct Road {
  std::string decode = std::string(kCpu);
  std::string filters = std::string(kCpu);
  std::string encode = std::string(kCpu);
  int threads = 1;  // of a decoder on the CPU
  bool operator==(const Road&) const = default;
};

Road road_of(Plan plan, std::optional<std::size_t> output, const Care& care) {
  take_care(plan, output, care);
  Road road;
  road.threads = decoding_threads(plan, output);
  if (output) return road;
  road.decode = device_of(plan, Stage::decode);
  road.filters = device_of(plan, Stage::filters);
  road.encode = device_of(plan, Stage::encode);
  return road;
}

// Below `care` and at it, in the order in which they are tried. A task that makes an output has no devices.
std::vector<Care> rungs(std::optional<std::size_t> output, const Care& care, const Stages& blamed) {
  std::vector<Care> all;
  if (!output)
    for (const Stages& on_cpu : {Stages{}, Stages{false, false, true}, Stages{true, false, false},
                                 Stages{true, true, false}, Stages{true, true, true}})
      all.push_back({on_cpu, care.one_thread, blamed});
  // A decoder with many threads holds as many pictures in memory, and is where a damaged source brings
  // threads to wait for one another.
  all.push_back({output ? care.on_cpu : Stages{true, true, true}, true, blamed});
  return all;
}

std::string difference(const Road& before, const Road& after) {
  std::string text;
  const auto tell = [&](const std::string& sentence) { text += (text.empty() ? "" : ", ") + sentence; };
  const auto stage = [&](std::string_view does, const std::string& was, const std::string& is) {
    if (was == is) return;
    tell(is == kCpu ? fmt::format("{} on cpu instead of {}", does, was)
                    : fmt::format("{} on {} again", does, is));
  };
  stage("decodes", before.decode, after.decode);
  stage("filters", before.filters, after.filters);
  stage("encodes", before.encode, after.encode);
  if (before.threads != after.threads)
    tell(fmt::format("decodes on {} thread instead of {}", after.threads, before.threads));
  return text;
}

}  // namespace

std::optional<CareStep> more_careful(const Plan& plan, std::optional<std::size_t> output, const Care& care,
                                     std::optional<Stage> blamed) {
  const Stages all_blamed = blamed ? care.blamed.with(Stages::only(*blamed)) : care.blamed;
  const Road now = road_of(plan, output, care);
  const Road as_planned = road_of(plan, output, {});
  bool below = output.has_value();
  for (const Care& rung : rungs(output, care, all_blamed)) {
    const Road road = road_of(plan, output, rung);
    const bool is_new = !(road == now) && !(road == as_planned);
    // Without the filters alone it is another task only where they are to blame.
    const bool fits = !(rung.on_cpu == Stages{true, true, false}) || all_blamed.filters;
    if (below && is_new && fits && rung.on_cpu.holds(output ? Stages{} : all_blamed))
      return CareStep{rung, difference(now, road)};
    below = below || rung.on_cpu == care.on_cpu;
  }
  return std::nullopt;
}

void take_care(Plan& plan, std::optional<std::size_t> output, const Care& care) {
  if (care.one_thread) decoding_threads(plan, output) = 1;
  if (output) return;
  const std::string cpu(kCpu);
  // Also where it encodes on the device again: what was made meanwhile has the CPU's headers.
  if (!(care.on_cpu == Stages{}))
    for (PlannedRendition& each : plan.renditions) each.stepped_down = each.encode_device != cpu;
  if (care.on_cpu.decode) plan.decode_device = cpu;
  if (care.on_cpu.filters) plan.filter_device = cpu;
  if (care.on_cpu.encode)
    for (PlannedRendition& each : plan.renditions) each.encode_device = cpu;
  // Pictures would go up for the filters alone.
  if (plan.decode_device == cpu && device_of(plan, Stage::encode) == cpu) plan.filter_device = cpu;
}

}  // namespace millrace::engine
