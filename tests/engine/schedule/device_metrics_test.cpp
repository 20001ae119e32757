#include "engine/schedule/device_metrics.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/recorded_machine.h"

namespace millrace::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// "device=cuda:0 stage=decode 2", of the metric with that name.
std::vector<std::string> samples(const std::vector<Metric>& metrics, const std::string& name) {
  std::vector<std::string> texts;
  for (const Metric& metric : metrics)
    if (metric.name == name)
      for (const Metric::Sample& sample : metric.samples) {
        std::string text;
        for (const auto& [label, value] : sample.labels) text += fmt::format("{}={} ", label, value);
        texts.push_back(text + fmt::format("{}", sample.value));
      }
  return texts;
}

StageFailure quarantine(const hw::GpuFacts& gpu, Stage stage, const std::string& codec) {
  return {stage, gpu.id, gpu.driver, "", "its pictures are wrong", 0, codec};
}

TEST(DeviceMetrics, AQuarantinedPathIsCountedForItsDeviceAndStage) {
  const hw::Inventory machine = test::recorded_machine("two_l4");
  const hw::GpuFacts& second = machine.gpus[1];
  const auto metrics =
      device_metrics(machine,
                     {quarantine(second, Stage::decode, "hevc"), quarantine(second, Stage::decode, "av1"),
                      quarantine(second, Stage::filters, "deinterlace")},
                     {});
  EXPECT_THAT(samples(metrics, "millrace_device_paths_quarantined"),
              ElementsAre("device=cuda:0 stage=decode 0", "device=cuda:0 stage=filters 0",
                          "device=cuda:0 stage=encode 0", "device=cuda:1 stage=decode 2",
                          "device=cuda:1 stage=filters 1", "device=cuda:1 stage=encode 0"));
}

TEST(DeviceMetrics, WhatNothingCouldTryIsNoFaultOfTheDevice) {
  const hw::Inventory machine = test::recorded_machine("l4");
  StageFailure untried = quarantine(machine.gpus[0], Stage::decode, "vc1");
  untried.untried = true;
  EXPECT_THAT(samples(device_metrics(machine, {untried}, {}), "millrace_device_paths_quarantined"),
              Contains("device=cuda:0 stage=decode 0"));
}

TEST(DeviceMetrics, WhatFailedWithOneSourceOrAnotherDriverIsNoQuarantine) {
  const hw::Inventory machine = test::recorded_machine("l4");
  StageFailure of_a_source = quarantine(machine.gpus[0], Stage::decode, "");
  of_a_source.shape = "h264 High yuv420p 1920x1080";
  StageFailure of_a_driver = quarantine(machine.gpus[0], Stage::decode, "h264");
  of_a_driver.driver = "590.1";
  const auto metrics = device_metrics(machine, {of_a_source, of_a_driver}, {});
  EXPECT_THAT(samples(metrics, "millrace_device_paths_quarantined"),
              Contains("device=cuda:0 stage=decode 0"));
}

TEST(DeviceMetrics, ADeviceIsNamedAsPlansNameIt) {
  EXPECT_THAT(samples(device_metrics(test::recorded_machine("l4"), {}, {}), "millrace_device_info"),
              ElementsAre("device=cuda:0 id=GPU-7a1c1f0e-0000-4000-8000-000000000089 name=NVIDIA L4 "
                          "driver=580.95.05 1"));
  EXPECT_THAT(samples(device_metrics({}, {}, {}), "millrace_device_info"), IsEmpty());
}

TEST(DeviceMetrics, StepsDownAreCountedByWhatFailed) {
  StepDownCount count;
  count.note({"decode", "cuda:0", Code::device_lost});
  count.note({"encode", "cuda:0", Code::resource_exhausted});
  count.note({"decode", "cuda:0", Code::device_lost});
  count.note({"filters", "cuda:0", Code::unsupported, true});
  count.note({"", "", Code::device_lost});
  EXPECT_THAT(samples(device_metrics({}, {}, count.counted()), "millrace_steps_down_total"),
              ElementsAre("device=unknown stage=unknown cause=unknown code=device_lost 1",
                          "device=cuda:0 stage=decode cause=device code=device_lost 2",
                          "device=cuda:0 stage=encode cause=device code=resource_exhausted 1",
                          "device=cuda:0 stage=filters cause=source code=unsupported 1"));
}

}  // namespace
}  // namespace millrace::engine
