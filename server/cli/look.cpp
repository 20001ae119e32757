#include "server/cli/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>
#include <vector>

#include "engine/backend/backend_set.h"
#include "engine/base/scratch_folder.h"
#include "engine/job/job_json.h"
#include "engine/pipeline/media_log.h"
#include "engine/plan/placement.h"
#include "engine/plan/planner.h"
#include "engine/schedule/calibrate.h"
#include "engine/schedule/calibration_book.h"
#include "engine/schedule/canary.h"
#include "engine/schedule/capacity_report.h"
#include "engine/schedule/stage_memory.h"
#include "engine/verify/receipt.h"
#include "engine/work/worker_pool.h"
#include "hw/inventory_json.h"
#include "hw/inventory_text.h"
#include "hw/probe.h"
#include "hw/slots.h"
#include "server/cli/exit_code.h"
#include "server/cli/source_argument.h"
#include "server/cli/start_workers.h"
#include "server/cli/stop_signals.h"

namespace millrace::server {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using nlohmann::ordered_json;

// Looks at the spec's source in a worker of its own. The code is set on failure.
Result<engine::Source> look_at(const engine::JobSpec& spec, bool accept_damage,
                               const std::filesystem::path& program, int& code) {
  const StopSignals signals;
  engine::WorkerPoolConfig config;
  config.program = program;
  config.quiet = true;
  config.allowed_sources = hosts_named_in(spec);
  const auto workers = engine::WorkerPool::start(config);
  if (!workers.ok()) {
    code = kJobFailed;
    return workers.status();
  }
  Result<engine::Source> source =
      (*workers)->inspect(engine::source_url_of(spec), accept_damage, signals.token());
  if (!source.ok()) code = exit_code_of_source(source.status());
  return source;
}

// With an input alone where there is no --spec.
Result<engine::JobSpec> input_of(const SpecFlags& flags) {
  if (!flags.spec.empty()) return job_spec_of(flags);
  Result<std::string> url = url_of_source(flags.source);
  if (!url.ok()) return url.status();
  engine::JobSpec spec;
  spec.input_url = std::move(*url);
  return spec;
}

// What a session of one core and 256 MiB, the smallest that is of use, would find here.
ordered_json budget_json(const hw::Inventory& machine) {
  const hw::Budget budget = hw::budget_of(machine);
  const hw::Slots slots = hw::size_slots(budget, {1000, std::int64_t{256} << 20});
  return {{"millicores", budget.millicores},
          {"memory_bytes", budget.memory_bytes},
          {"one_core_sessions", slots.sessions},
          {"limited_by", hw::to_string(slots.limited_by)}};
}

// In a temporary folder, with workers of its own.
Result<engine::CostModel> measure(const hw::Inventory& machine, const std::filesystem::path& program,
                                  Console& console) {
  engine::init_media_log();
  const StopSignals signals;
  const auto folder = engine::ScratchFolder::make("calibration");
  if (!folder.ok()) return folder.status();
  const auto workers = start_workers({}, program, /*verbose=*/false);
  if (!workers.ok()) return workers.status();
  const auto told = [&](const std::string& what) {
    console.err << fmt::format("calibrating: {}\n", what) << std::flush;
  };
  return engine::calibrate(**workers, machine, machine.cpu.usable_cores, folder->path(), told,
                           signals.token());
}

// The devices that this build can drive.
std::vector<const hw::GpuFacts*> driven(const hw::Inventory& machine) {
  const Result<engine::Candidates> usable = engine::candidates({}, machine, engine::built_backends());
  return usable.ok() ? usable->gpus : std::vector<const hw::GpuFacts*>();
}

// What the canary finds of the devices, shown as absences of theirs. In a temporary folder, with workers of
// its own; nothing where there is no device that this build can drive.
Result<hw::Inventory> tried(const hw::Inventory& machine, const std::filesystem::path& program,
                            Console& console) {
  const std::vector<const hw::GpuFacts*> usable = driven(machine);
  if (usable.empty()) return machine;
  engine::init_media_log();
  const StopSignals signals;
  const auto folder = engine::ScratchFolder::make("canary");
  if (!folder.ok()) return folder.status();
  const auto workers = start_workers({}, program, /*verbose=*/false);
  if (!workers.ok()) return workers.status();
  engine::Canary canary({**workers, machine, machine.cpu.usable_cores, folder->path(), nullptr},
                        engine::built_backends());
  std::vector<engine::StageFailure> all;
  for (const hw::GpuFacts* gpu : usable) {
    console.err << fmt::format("trying {}\n", gpu->name) << std::flush;
    Result<std::vector<engine::StageFailure>> found = canary.try_device(*gpu, signals.token());
    if (!found.ok()) return found.status().under(gpu->name);
    all.insert(all.end(), found->begin(), found->end());
  }
  return engine::with_quarantine(machine, all);
}

void print_slots(const ordered_json& capacity, bool calibrated, Console& console) {
  for (const ordered_json& each : capacity.at("profiles")) {
    const std::string name = each.at("profile").get<std::string>();
    if (const auto reason = each.find("reason"); reason != each.end()) {
      console.out << fmt::format("slots   {}: none; {}\n", name, reason->get<std::string>());
      continue;
    }
    const ordered_json& demand = each.at("demand");
    console.out << fmt::format("slots   {}: {} in real time, limited by {}; each {:.2f} cores and {}\n", name,
                               each.at("slots").get<int>(), each.at("limited_by").get<std::string>(),
                               demand.at("millicores").get<double>() / 1000,
                               hw::bytes_text(demand.at("memory_bytes").get<std::uint64_t>()));
  }
  if (!calibrated)
    console.out << "slots   by the reference machine's figures; probe --calibrate measures this one\n";
  console.out << std::flush;
}

}  // namespace

int run_inspect(const SpecFlags& flags, const std::filesystem::path& program, Console& console) {
  const Result<engine::JobSpec> spec = input_of(flags);
  if (!spec.ok()) return fail(console, spec.status(), kWrongUsage);
  int code = kDone;
  const Result<engine::Source> source = look_at(*spec, flags.on_damage == "accept", program, code);
  if (!source.ok()) return fail(console, source.status(), code);
  if (console.json)
    print(console, engine::to_json(*source));
  else
    console.out << engine::describe(*source) << std::flush;
  return kDone;
}

int run_explain(const SpecFlags& flags, const std::filesystem::path& program, Console& console) {
  const Result<engine::JobSpec> spec = job_spec_of(flags);
  if (!spec.ok()) return fail(console, spec.status(), kWrongUsage);
  int code = kDone;
  const Result<engine::Source> source =
      look_at(*spec, spec->on_damage == engine::OnDamage::accept, program, code);
  if (!source.ok()) return fail(console, source.status(), code);
  const hw::Inventory machine = hw::probe({.program = program.native()});
  const int cores = std::min(spec->cores.value_or(machine.cpu.usable_cores), machine.cpu.usable_cores);
  const Result<engine::Plan> plan =
      engine::make_plan(*source, *spec, machine, cores, {engine::built_backends(), {}, {}});
  if (!plan.ok()) return fail(console, plan.status(), exit_code_of_plan(plan.status()));
  if (console.json)
    print(console, engine::to_json(*plan));
  else
    console.out << engine::describe(*plan) << std::flush;
  return kDone;
}

int run_probe(bool calibrate, const std::filesystem::path& program, Console& console) {
  hw::Inventory machine = hw::probe({.program = program.native()});
  const ordered_json budget = budget_json(machine);
  engine::Calibration calibration;
  if (calibrate) {
    const Result<engine::CostModel> measured = measure(machine, program, console);
    if (!measured.ok()) return fail(console, measured.status(), exit_code_of_job(measured.status()));
    calibration.model = *measured;
    calibration.measured = engine::now_milliseconds();
    Result<hw::Inventory> shown = tried(machine, program, console);
    if (!shown.ok()) return fail(console, shown.status(), exit_code_of_job(shown.status()));
    machine = std::move(*shown);
  }
  const auto capacity = engine::capacity_report({machine, calibration.model, hw::budget_of(machine)}, "");
  if (!capacity.ok()) return fail(console, capacity.status(), kJobFailed);
  if (console.json) {
    ordered_json document = hw::to_json(machine);
    document["budget"] = budget;
    document["capacity"] = capacity->at("profiles");
    document["calibration"] = engine::to_json(calibration);
    document["devices_tried"] = calibrate && !driven(machine).empty();
    print(console, document);
    return kDone;
  }
  console.out << hw::to_text(machine)
              << fmt::format(
                     "budget  {:.1f} cores and {} for sessions; {} of one core at once, limited by {}\n",
                     budget["millicores"].get<double>() / 1000,
                     hw::bytes_text(budget["memory_bytes"].get<std::uint64_t>()),
                     budget["one_core_sessions"].get<int>(), budget["limited_by"].get<std::string>());
  print_slots(*capacity, calibrate, console);
  if (!calibrate && !driven(machine).empty())
    console.out << "tried   none: whether the pictures of these devices are right was not tried here; probe "
                   "--calibrate tries it, serve does before the first job (GET /v1/hardware), transcode does "
                   "not\n"
                << std::flush;
  return kDone;
}

int run_verify(const std::filesystem::path& folder, bool deep, Console& console) {
  engine::init_media_log();
  const Result<std::vector<engine::Check>> checks = engine::verify_folder(folder, deep);
  if (!checks.ok()) {
    const bool none = checks.status().code() == Code::not_found;
    return fail(console, checks.status(), none ? kWrongUsage : kJobFailed);
  }
  const auto broken =
      std::count_if(checks->begin(), checks->end(), [](const auto& check) { return !check.holds; });
  if (console.json) {
    ordered_json list = ordered_json::array();
    for (const engine::Check& check : *checks)
      list.push_back(
          {{"name", check.name}, {"where", check.where}, {"holds", check.holds}, {"detail", check.detail}});
    print(console, {{"whole", broken == 0}, {"checks", std::move(list)}});
  } else {
    for (const engine::Check& check : *checks)
      if (!check.holds)
        console.out << fmt::format("{}: {} does not hold: {}\n", check.where, check.name, check.detail);
    if (broken == 0)
      console.out << fmt::format("{}: whole; {} checks hold\n", folder.string(), checks->size());
    console.out << std::flush;
  }
  if (broken == 0) return kDone;
  console.err << fmt::format("millrace: {}: {} of {} checks do not hold; transcode the source again\n",
                             folder.string(), broken, checks->size())
              << std::flush;
  return kJobFailed;
}

}  // namespace millrace::server
