// Where the stages of a plan run on recorded machines (tests/hw/machines), with the backends of both kinds of
// devices declared present; and what a test changes before the plan is made.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tests/engine/plan/plans.h"
#include "tests/support/recorded_machine.h"

namespace millrace::engine::test {

using Change = std::function<void(Source&, JobSpec&, hw::Inventory&, DeviceChoices&)>;

inline DeviceChoices every_backend() {
  DeviceChoices choices;
  choices.backends.nvidia = choices.backends.vaapi = true;
  choices.backends.nvidia_steps = {"deinterlace",   "rotate",   "even_size",
                                   "square_pixels", "tone_map", "pixel_format"};
  choices.backends.ten_bit_encodes = {VideoCodec::hevc, VideoCodec::av1};
  choices.backends.nvidia_encodes = {VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1};
  choices.backends.vaapi_encodes = {VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1, VideoCodec::vp9};
  return choices;
}

// An auto ladder of a 1080p source of 62 s in H.264: four renditions.
inline Result<Plan> plan_on(const std::string& machine_name, const Change& change = {}) {
  Source source = full_hd();
  JobSpec spec = spec_of({abr()});
  hw::Inventory machine = millrace::test::recorded_machine(machine_name);
  DeviceChoices choices = every_backend();
  if (change) change(source, spec, machine, choices);
  return make_plan(source, spec, machine, 4, choices);
}

// "gg ggcc": decode, filters, then the renditions, largest first, on a GPU or on the CPU.
inline std::string places_of(const Plan& plan) {
  const auto place = [](const std::string& device) { return device == kCpu ? 'c' : 'g'; };
  std::string places{place(plan.decode_device), place(plan.filter_device), ' '};
  for (const PlannedRendition& each : plan.renditions) places += place(each.encode_device);
  return places;
}

inline VideoTrack& picture(Source& source) { return source.video[0]; }

inline Change source_is(const char* codec, const char* format, int width = 1920, int height = 1080) {
  return [=](Source& source, JobSpec&, hw::Inventory&, DeviceChoices&) {
    picture(source).codec = codec;
    picture(source).pixel_format = format;
    picture(source).bits_per_component = std::string_view(format).ends_with("10le") ? 10 : 8;
    picture(source).width = width;
    picture(source).height = height;
  };
}
inline Change hdr() {
  return [](Source& source, JobSpec& spec, hw::Inventory& machine, DeviceChoices& choices) {
    source_is("hevc", "yuv420p10le", 3840, 2160)(source, spec, machine, choices);
    picture(source).color_primaries = "bt2020";
    picture(source).color_matrix = "bt2020nc";
    picture(source).color_transfer = "smpte2084";
  };
}
inline Change outputs_are(VideoCodec codec) {
  return [=](Source&, JobSpec& spec, hw::Inventory&, DeviceChoices&) {
    std::get<AdaptiveOutput>(spec.outputs[0]).codec = codec;
  };
}
inline Change gpu_has(void (*change)(hw::GpuFacts&)) {
  return [=](Source&, JobSpec&, hw::Inventory& machine, DeviceChoices&) { change(machine.gpus[0]); };
}
inline Change both(const Change& one, const Change& other) {
  return [=](Source& source, JobSpec& spec, hw::Inventory& machine, DeviceChoices& choices) {
    one(source, spec, machine, choices);
    other(source, spec, machine, choices);
  };
}

struct Row {
  const char* name;
  const char* machine;
  Change change;
  const char* places;
  const char* stage;  // a decision
  const char* why;    // what its reason has to say
};

}  // namespace millrace::engine::test
