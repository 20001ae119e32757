#include "engine/schedule/device_metrics.h"

#include <algorithm>
#include <string>

#include "engine/plan/placement.h"
#include "engine/schedule/stage_memory.h"

namespace millrace::engine {
namespace {

Metric device_info(const hw::Inventory& machine) {
  Metric info{"millrace_device_info", Metric::Kind::gauge, "A device of this machine; always 1."};
  for (const hw::GpuFacts& gpu : machine.gpus)
    info.samples.push_back(
        {{{"device", device_name(gpu)}, {"id", device_id(gpu)}, {"name", gpu.name}, {"driver", gpu.driver}},
         1});
  return info;
}

Metric quarantined(const hw::Inventory& machine, const std::vector<StageFailure>& failures) {
  Metric paths{"millrace_device_paths_quarantined", Metric::Kind::gauge,
               "Codecs and steps of a stage that the device did wrongly when it was tried, and that jobs do "
               "not use there."};
  for (const hw::GpuFacts& gpu : machine.gpus) {
    const std::vector<StageFailure> found = quarantine_of(gpu, failures);
    for (const Stage stage : {Stage::decode, Stage::filters, Stage::encode}) {
      const auto count = std::count_if(found.begin(), found.end(), [&](const StageFailure& each) {
        return each.stage == stage && !each.untried;
      });
      paths.samples.push_back({{{"device", device_name(gpu)}, {"stage", std::string(name_of(stage))}},
                               static_cast<double>(count)});
    }
  }
  return paths;
}

std::string cause_of(const StepDown& step) {
  if (step.stage.empty()) return {};
  return step.of_source ? "source" : "device";
}

std::string or_unknown(const std::string& label) { return label.empty() ? "unknown" : label; }

Metric stepped_down(const std::map<StepDown, std::int64_t>& steps_down) {
  Metric total{"millrace_steps_down_total", Metric::Kind::counter,
               "Tasks that failed and went on more carefully, by the stage and device that failed."};
  for (const auto& [step, count] : steps_down)
    total.samples.push_back({{{"device", or_unknown(step.device)},
                              {"stage", or_unknown(step.stage)},
                              {"cause", or_unknown(cause_of(step))},
                              {"code", std::string(name_of(step.code))}},
                             static_cast<double>(count)});
  return total;
}

}  // namespace

std::vector<Metric> device_metrics(const hw::Inventory& machine, const std::vector<StageFailure>& failures,
                                   const std::map<StepDown, std::int64_t>& steps_down) {
  return {device_info(machine), quarantined(machine, failures), stepped_down(steps_down)};
}

}  // namespace millrace::engine
