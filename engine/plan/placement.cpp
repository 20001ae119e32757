#include "engine/plan/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <utility>

#include "engine/job/json_text.h"
#include "engine/plan/device_fit.h"
#include "engine/plan/device_path.h"
#include "engine/plan/job_times.h"

namespace millrace::engine {
namespace {

using Kind = DevicePreference::Kind;

// Opening a context, loading kernels, the first surfaces: up to a second on large cards.
constexpr double kOpenSeconds = 1;
// What a PCIe 3.0 x16 slot gives in practice is twice that; other sessions want some too.
constexpr double kBusBytesPerSecond = 6e9;
// A source that does not say how long it is, is taken as long.
constexpr double kLongSeconds = 3600;
constexpr double kRateWhereUnknown = 30;

bool is_nvidia(const hw::GpuFacts& gpu) { return gpu.vendor == "nvidia"; }
std::string_view kind_of(const hw::GpuFacts& gpu) { return is_nvidia(gpu) ? "NVIDIA" : "VAAPI"; }
bool is_built(const hw::GpuFacts& gpu, const Backends& backends) {
  return is_nvidia(gpu) ? backends.nvidia : backends.vaapi;
}

bool is_meant(const DevicePreference& asked, const hw::GpuFacts& gpu) {
  if (asked.kind == Kind::automatic) return true;
  if (asked.kind == Kind::cpu || (asked.kind == Kind::cuda) != is_nvidia(gpu)) return false;
  return asked.which.empty() || to_string(asked) == device_name(gpu);
}

Status no_such_device(const DevicePreference& asked, const hw::Inventory& machine) {
  const std::string name = to_string(asked);
  std::string others;
  for (const hw::GpuFacts& gpu : machine.gpus)
    if (is_meant({asked.kind, ""}, gpu))
      others += fmt::format("{}{} ({})", others.empty() ? "" : ", ", device_name(gpu), gpu.name);
  if (!others.empty())
    return refused(Code::unsupported, "device", fmt::format("{}: this machine has {}", name, others));
  const std::string* note = hw::absence_note(machine, asked.kind == Kind::cuda ? "nvidia" : "vaapi");
  return refused(Code::unsupported, "device",
                 fmt::format("{}: {}; or use auto or cpu", name,
                             note == nullptr ? "this machine has no such GPU" : *note));
}

std::string why_no_gpu(const hw::Inventory& machine) {
  std::string notes;
  for (const hw::Absence& absence : machine.absences) {
    if (absence.what == "nvidia" || absence.what == "vaapi")
      notes += fmt::format("{}{}: {}", notes.empty() ? "" : "; ", absence.what, absence.note);
  }
  return notes.empty() ? "no GPU was found" : "no GPU: " + notes;
}

double pixels_per_second(int width, int height, const Rational& rate) {
  return static_cast<double>(width) * height * (rate.known() ? rate.as_double() : kRateWhereUnknown);
}

int load_of(const hw::GpuFacts& gpu) {
  const hw::GpuLoad& load = gpu.load;
  return std::max(
      {load.compute_percent.value_or(0), load.decode_percent.value_or(0), load.encode_percent.value_or(0)});
}
std::uint64_t memory_used(const hw::GpuFacts& gpu) { return gpu.load.memory_used_bytes.value_or(0); }

// The plan with its pictures on one device, as far as that device can.
struct Trial {
  const hw::GpuFacts* gpu = nullptr;
  Plan plan;
  PlacementReasons reasons;
  double saved = 0;  // CPU seconds in a second of the media
  bool uses_device() const { return engine::uses_device(plan); }
};

bool saves_as_much(const Trial& one, const Trial& other) { return std::abs(one.saved - other.saved) < 1e-9; }

bool is_better(const Trial& one, const Trial& other) {
  if (one.uses_device() != other.uses_device()) return one.uses_device();
  if (!saves_as_much(one, other)) return one.saved > other.saved;
  if (load_of(*one.gpu) != load_of(*other.gpu)) return load_of(*one.gpu) < load_of(*other.gpu);
  return memory_used(*one.gpu) < memory_used(*other.gpu);
}

class Placer {
 public:
  Placer(const Plan& plan, const DeviceChoices& choices, bool asked)
      : plan_(plan), choices_(choices), asked_(asked), cpu_cores_(cores_of(plan, choices.costs)) {}

  Trial on(const hw::GpuFacts& gpu) const {
    Trial encoded = weighed(gpu, {});
    const std::string no_overlays = why_not_overlaid(gpu, plan_);
    if (no_overlays.empty()) return encoded;
    // Pictures cross the bus once, on one side of their overlays.
    Trial filtered = weighed(
        gpu, fmt::format("{} saves more by decoding and scaling, and overlays are laid on the CPU: {}",
                         gpu.name, no_overlays));
    Trial& best = is_better(filtered, encoded) ? filtered : encoded;
    if (best.uses_device()) best.reasons.overlays = no_overlays;
    return std::move(best);
  }

 private:
  // `no_encode`: why it encodes nothing; empty: it may.
  Trial weighed(const hw::GpuFacts& gpu, const std::string& no_encode) const {
    Trial trial{&gpu, plan_, {}, 0};
    place(trial, no_encode);
    if (std::string why = too_large(trial); !why.empty()) stay(trial, why);
    trial.saved = trial.uses_device() ? cpu_cores_ - cores_of(trial.plan, choices_.costs) : 0;
    if (std::string why = not_worth_it(trial); !why.empty()) stay(trial, why);
    return trial;
  }

  void place(Trial& trial, const std::string& no_encode) const {
    const hw::GpuFacts& gpu = *trial.gpu;
    const std::string device = device_name(gpu);
    PlacementReasons& reasons = trial.reasons;
    const bool encodes = encode(trial, device, no_encode);
    std::string no_filters =
        why_not(Stage::filters, gpu, why_not_filtered(gpu, trial.plan, choices_.backends.nvidia_steps));
    if (no_filters.empty()) no_filters = why_no_path(gpu, trial.plan);
    const VideoTrack& video = *plan_.source.main_video();
    std::string no_decode = why_not(Stage::decode, gpu, why_not_decoded(gpu, video), decode_path(video));
    if (no_decode.empty() && !no_filters.empty())
      no_decode = "whole pictures would have to come down for the filters: " + no_filters;
    if (no_decode.empty()) {
      trial.plan.decode_device = device;
      reasons.decode = fmt::format("{} decodes it, and its pictures {}", gpu.name,
                                   encodes ? "stay there" : "come down only once they are scaled");
    } else {
      reasons.decode = no_decode;
    }
    if (!no_filters.empty()) {
      reasons.filters = no_filters;
    } else if (no_decode.empty() || encodes) {
      trial.plan.filter_device = device;
      reasons.filters = no_decode.empty() ? "the pictures are there" : "the pictures are wanted there";
    } else {
      reasons.filters = fmt::format("nothing is decoded or encoded on {}", gpu.name);
    }
  }

  // Of the plan's filters, if they ran on the device.
  std::string why_no_path(const hw::GpuFacts& gpu, Plan there) const {
    there.filter_device = device_name(gpu);
    std::string why;
    for (const FilterPath each : filter_paths(there))
      if (why.empty()) why = why_not(Stage::filters, gpu, {}, name_of(each));
    return why;
  }

  // The largest renditions take the sessions that there are.
  bool encode(Trial& trial, const std::string& device, const std::string& no_encode) const {
    const hw::GpuFacts& gpu = *trial.gpu;
    int sessions = gpu.free_encode_sessions.value_or(INT_MAX);
    bool any = false;
    for (PlannedRendition& each : trial.plan.renditions) {
      const std::string coded = encode_path(each.codec, each.ten_bit);
      const auto codecs = encoders_for(gpu, choices_.backends, each.ten_bit);
      std::string why = why_not(Stage::encode, gpu, why_not_encoded(gpu, each, codecs), coded);
      if (why.empty()) why = why_captions_are_lost(gpu, each, *plan_.source.main_video());
      if (why.empty() && sessions <= 0)
        why = fmt::format("{} has no free encode session{}", gpu.name, any ? " beyond these" : "");
      if (why.empty()) why = no_encode;
      if (why.empty()) {
        each.encode_device = device;
        --sessions;
        any = true;
        why = fmt::format("{} encodes {}", gpu.name, coded);
      }
      trial.reasons.encodes.push_back(std::move(why));
    }
    return any;
  }

  // `path`: as a quarantine names it; empty: any.
  std::string why_not(Stage stage, const hw::GpuFacts& gpu, std::string capability,
                      std::string_view path = {}) const {
    if (!capability.empty()) return capability;
    const std::string shape = shape_of(*plan_.source.main_video());
    for (const StageFailure& each : choices_.failures) {
      if (each.stage != stage || each.device != device_id(gpu) || each.driver != gpu.driver) continue;
      if (each.in_quarantine() && (each.codec.empty() || each.codec == path))
        return fmt::format("{} of {} is in quarantine: {}", name_of(stage), gpu.name, each.reason);
      if (each.shape == shape)
        return fmt::format("{} failed with such a source before: {}", gpu.name, each.reason);
    }
    return {};
  }

  static std::string too_large(const Trial& trial) {
    const hw::GpuFacts& gpu = *trial.gpu;
    const std::uint64_t wanted = device_memory_of(trial.plan);
    if (gpu.memory_bytes == 0 || memory_used(gpu) + wanted <= gpu.memory_bytes) return {};
    const auto mebibytes = [](std::uint64_t bytes) { return bytes >> 20; };
    const std::uint64_t free = gpu.memory_bytes - std::min(gpu.memory_bytes, memory_used(gpu));
    return fmt::format("{} has {} MiB of memory free, and the pictures take about {} MiB", gpu.name,
                       mebibytes(free), mebibytes(wanted));
  }

  std::string not_worth_it(const Trial& trial) const {
    if (asked_ || !trial.uses_device()) return {};
    double seconds = expected_seconds(plan_);
    if (seconds <= 0) seconds = kLongSeconds;
    const BusTraffic traffic = bus_traffic(trial.plan);
    const double price = kOpenSeconds + (traffic.down + traffic.up) * seconds / kBusBytesPerSecond;
    const double saved = trial.saved * seconds;
    if (saved > price) return {};
    return fmt::format("{} would save {:.1f} s of CPU time, and opening it and copying take about {:.1f} s",
                       trial.gpu->name, std::max(saved, 0.0), price);
  }

  // All on the CPU after all. What could not go to the device anyway keeps its own reason.
  void stay(Trial& trial, const std::string& why) const {
    const auto back = [&](std::string& device, std::string& reason) {
      if (device != kCpu) reason = why;
      device = kCpu;
    };
    back(trial.plan.decode_device, trial.reasons.decode);
    back(trial.plan.filter_device, trial.reasons.filters);
    for (std::size_t i = 0; i < trial.plan.renditions.size(); ++i)
      back(trial.plan.renditions[i].encode_device, trial.reasons.encodes[i]);
    trial.saved = 0;
  }

  const Plan& plan_;
  const DeviceChoices& choices_;
  const bool asked_;
  const double cpu_cores_;
};

Status nothing_fits(const DevicePreference& asked, const Plan& plan, const Trial& trial) {
  std::string why = "decode: " + trial.reasons.decode;
  for (std::size_t i = 0; i < plan.renditions.size(); ++i)
    why += fmt::format("; encode {}: {}", plan.renditions[i].name, trial.reasons.encodes[i]);
  return refused(
      Code::unsupported, "device",
      fmt::format("{}: nothing of this job can run there: {}; use auto or cpu", to_string(asked), why));
}

PlacementReasons all_on_cpu(const Plan& plan, const std::string& why) {
  return {why, why, std::vector<std::string>(plan.renditions.size(), why), why};
}

}  // namespace

std::vector<VideoCodec> encoders_for(const hw::GpuFacts& gpu, const Backends& backends, bool ten_bit) {
  std::vector<VideoCodec> codecs = is_nvidia(gpu) ? backends.nvidia_encodes : backends.vaapi_encodes;
  const auto& deep = backends.ten_bit_encodes;
  if (ten_bit)
    std::erase_if(codecs,
                  [&](VideoCodec each) { return std::find(deep.begin(), deep.end(), each) == deep.end(); });
  return codecs;
}

std::string device_name(const hw::GpuFacts& gpu) {
  return is_nvidia(gpu) ? fmt::format("cuda:{}", gpu.index) : "vaapi:" + gpu.node;
}

std::string device_id(const hw::GpuFacts& gpu) { return gpu.id.empty() ? gpu.name : gpu.id; }

std::string device_of(const Plan& plan, Stage stage) {
  if (stage == Stage::decode) return plan.decode_device;
  if (stage == Stage::filters) return plan.filter_device;
  for (const PlannedRendition& each : plan.renditions)
    if (each.encode_device != kCpu) return each.encode_device;
  return std::string(kCpu);
}

bool uses_device(const Plan& plan) {
  const auto there = [&](Stage stage) { return device_of(plan, stage) != kCpu; };
  return there(Stage::decode) || there(Stage::filters) || there(Stage::encode);
}

Result<Candidates> candidates(const DevicePreference& asked, const hw::Inventory& machine,
                              const Backends& backends) {
  if (asked.kind == Kind::cpu) return Candidates{{}, "device cpu was asked for"};
  Candidates found;
  const hw::GpuFacts* not_built = nullptr;
  for (const hw::GpuFacts& gpu : machine.gpus) {
    if (!is_meant(asked, gpu)) continue;
    if (is_built(gpu, backends))
      found.gpus.push_back(&gpu);
    else
      not_built = not_built == nullptr ? &gpu : not_built;
  }
  if (!found.gpus.empty()) return found;
  if (asked.kind != Kind::automatic) {
    if (not_built == nullptr) return no_such_device(asked, machine);
    return refused(Code::unsupported, "device",
                   fmt::format("{}: {} is here, but this build has no {} backend; use auto or cpu",
                               to_string(asked), not_built->name, kind_of(*not_built)));
  }
  found.cpu_reason = not_built == nullptr ? why_no_gpu(machine)
                                          : fmt::format("this build has no {} backend; {} is left alone",
                                                        kind_of(*not_built), not_built->name);
  return found;
}

Result<PlacementReasons> place_pictures(Plan& plan, const DevicePreference& asked,
                                        const Candidates& candidates, const DeviceChoices& choices) {
  if (candidates.gpus.empty()) return all_on_cpu(plan, candidates.cpu_reason);
  const std::string alone = "what is made in one go is made on the CPU";
  if (plan.renditions.empty()) return all_on_cpu(plan, alone);
  const Placer placer(plan, choices, asked.kind != Kind::automatic);
  std::vector<Trial> trials;
  for (const hw::GpuFacts* gpu : candidates.gpus) trials.push_back(placer.on(*gpu));
  const auto best = std::min_element(trials.begin(), trials.end(), is_better);
  if (!best->uses_device() && asked.kind != Kind::automatic) return nothing_fits(asked, plan, *best);
  const auto as_good = std::count_if(trials.begin(), trials.end(),
                                     [&](const Trial& each) { return saves_as_much(each, *best); });
  if (as_good > 1 && best->uses_device())
    best->reasons.decode += fmt::format("; of {} such devices the least loaded", as_good);
  plan = std::move(best->plan);
  best->reasons.alone = alone;
  return std::move(best->reasons);
}

BusTraffic bus_traffic(const Plan& plan) {
  BusTraffic traffic;
  const VideoTrack* video = plan.source.main_video();
  const bool filters_there = plan.filter_device != kCpu;
  if (video != nullptr && filters_there && plan.decode_device == kCpu)
    traffic.up += pixels_per_second(video->width, video->height, video->frame_rate) *
                  (video->bits_per_component > 8 ? 3 : 1.5);
  for (const PlannedRendition& each : plan.renditions) {
    const bool encoded_there = each.encode_device != kCpu;
    const double bytes =
        pixels_per_second(each.width, each.height, each.frame_rate) * (each.ten_bit ? 3 : 1.5);
    if (filters_there && !encoded_there) traffic.down += bytes;
    if (!filters_there && encoded_there) traffic.up += bytes;
  }
  return traffic;
}

}  // namespace millrace::engine
