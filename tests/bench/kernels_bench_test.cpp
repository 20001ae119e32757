#include "bench/kernels_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/run_bench.h"

namespace millrace::bench {
namespace {

using engine::Code;
using kernels::CudaAddress;
using kernels::CudaDevice;
using kernels::CudaDriver;
using kernels::CudaHandle;
using kernels::CudaResult;
using kernels::kCudaSuccess;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// What the functions of a driver without a device need to know; they have no place for a state of their own.
struct Device {
  int contexts = 0, pushed = 0, streams = 0, modules = 0, events = 0, memory = 0;
  int launches = 0;
  int launches_until_lost = -1;
  bool has_memory = true;
  int pushed_to_filters = 0;
  // Between two times that the device was waited for: frames of FFmpeg's filters, launches of ours.
  std::vector<std::pair<int, int>> batches;

  void wait() {
    if (pushed_to_filters == 0 && launches == launches_before_) return;
    batches.emplace_back(std::exchange(pushed_to_filters, 0), launches - launches_before_);
    launches_before_ = launches;
  }

 private:
  int launches_before_ = 0;
};
Device* device = nullptr;

// FFmpeg's side: every rung is exactly what libswscale makes of a zone plate, until it fails.
class FakeFilters final : public FilterLadder {
 public:
  FakeFilters(const LadderCase& ladder, int until_failure) : ladder_(ladder), until_failure_(until_failure) {}
  engine::Status push(const kernels::Surface&) override {
    if (++pushed_ == until_failure_) return {Code::device_lost, "filters on cuda:0: no more"};
    ++device->pushed_to_filters;
    return {};
  }
  engine::Result<std::vector<LumaPlane>> last() override {
    std::vector<LumaPlane> planes;
    for (const auto& rung : ladder_.shape.rungs)
      planes.push_back(
          scaled_by_swscale(zone_plate(ladder_.shape.source), rung, ladder_.shape.filter).value());
    return planes;
  }

 private:
  const LadderCase ladder_;
  const int until_failure_;
  int pushed_ = 0;
};

class KernelsBench : public ::testing::Test {
 protected:
  KernelsBench() {
    device = &device_;
    driver_.driver_version = [](int* version) { return *version = 12040, kCudaSuccess; };
    driver_.error_name = [](CudaResult, const char** name) { return *name = "CUDA_ERROR_X", kCudaSuccess; };
    driver_.device_get = [](CudaDevice* found, int ordinal) {
      return *found = ordinal, ordinal == 0 ? 0 : 101;
    };
    driver_.device_name = [](char* name, int, CudaDevice) {
      return std::copy_n("Fake GPU", 9, name), kCudaSuccess;
    };
    driver_.primary_set_flags = [](CudaDevice, unsigned) { return kCudaSuccess; };
    driver_.primary_retain = [](CudaHandle* context, CudaDevice) { return made(*context, device->contexts); };
    driver_.primary_release = [](CudaDevice) { return --device->contexts, kCudaSuccess; };
    driver_.context_push = [](CudaHandle) { return ++device->pushed, kCudaSuccess; };
    driver_.context_pop = [](CudaHandle*) { return --device->pushed, kCudaSuccess; };
    driver_.module_load = [](CudaHandle* module, const void*) { return made(*module, device->modules); };
    driver_.module_unload = [](CudaHandle) { return --device->modules, kCudaSuccess; };
    driver_.module_function = [](CudaHandle*, CudaHandle, const char*) { return kCudaSuccess; };
    driver_.launch = [](CudaHandle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                        CudaHandle, void**,
                        void**) { return ++device->launches == device->launches_until_lost ? 700 : 0; };
    driver_.stream_create = [](CudaHandle* stream, unsigned) { return made(*stream, device->streams); };
    driver_.stream_destroy = [](CudaHandle) { return --device->streams, kCudaSuccess; };
    driver_.stream_synchronize = [](CudaHandle) { return device->wait(), kCudaSuccess; };
    driver_.memory_allocate = [](CudaAddress* address, std::size_t) {
      if (!device->has_memory) return 2;
      *address = 4096;
      return ++device->memory, kCudaSuccess;
    };
    driver_.memory_free = [](CudaAddress) { return --device->memory, kCudaSuccess; };
    driver_.copy_to_device = [](CudaAddress, const void*, std::size_t) { return kCudaSuccess; };
    driver_.copy_to_host = [](void*, CudaAddress, std::size_t) { return kCudaSuccess; };
    driver_.copy_on_device = [](CudaAddress, CudaAddress, std::size_t, CudaHandle) { return kCudaSuccess; };
    driver_.event_create = [](CudaHandle* event, unsigned) { return made(*event, device->events); };
    driver_.event_destroy = [](CudaHandle) { return --device->events, kCudaSuccess; };
    driver_.event_record = [](CudaHandle, CudaHandle) { return kCudaSuccess; };
    driver_.event_milliseconds = [](float* ms, CudaHandle, CudaHandle) { return *ms = 0.5F, kCudaSuccess; };
  }
  ~KernelsBench() override {
    EXPECT_EQ(device_.contexts + device_.pushed + device_.streams + device_.modules + device_.events +
                  device_.memory,
              0);
  }

  static CudaResult made(CudaHandle& handle, int& count) {
    handle = device;
    ++count;
    return kCudaSuccess;
  }
  engine::Result<KernelsReport> run() {
    const BenchListener listener{[](const Environment&) {}, [](std::string_view) {}};
    return run_kernels_bench(options_, driver_, images_, open_filters_, listener, stop_);
  }

  Device device_;
  CudaDriver driver_;
  std::vector<kernels::KernelImage> images_{{"an image", ""}};
  KernelsOptions options_{0, 3, 2};
  int filters_until_failure_ = 0;
  OpenFilterLadder open_filters_ = [this](const LadderCase& ladder, engine::NvidiaDevice&,
                                          std::size_t) -> engine::Result<std::unique_ptr<FilterLadder>> {
    return std::unique_ptr<FilterLadder>(std::make_unique<FakeFilters>(ladder, filters_until_failure_));
  };
  StopFlag stop_;
};

TEST_F(KernelsBench, TellsEachOperationsTimeAndShareOfTheBandwidth) {
  const auto report = run();
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->device, "Fake GPU");
  EXPECT_EQ(report->image, "an image");
  ASSERT_EQ(report->figures.size(), 5U);
  EXPECT_EQ(report->figures[0].microseconds, std::vector<double>(3, 500.0));
  // 1920x1080 read; 1080, 720, 480 and 360 written; a byte and a half for each pixel.
  EXPECT_EQ(report->figures[0].bytes, 1.5 * (2 * 1920 * 1080 + 1280 * 720 + 854 * 480 + 640 * 360));
  EXPECT_EQ(report->figures[0].launches, 1);
  EXPECT_EQ(report->figures[1].launches, 4);
  // 23 frames of each operation: one launch but for the second one.
  ASSERT_GE(device_.batches.size(), 5U);
  const std::vector<std::pair<int, int>> operations(device_.batches.begin(), device_.batches.begin() + 5);
  EXPECT_THAT(operations, ElementsAre(Pair(0, 23), Pair(0, 4 * 23), Pair(0, 23), Pair(0, 23), Pair(0, 23)));
  EXPECT_NEAR(report->copy_bytes_per_second, 536870912 / 500e-6, 1);
  const std::string text = figures_text(*report);
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("Fake GPU, driver for CUDA 12.4"), HasSubstr("1074 GB/s read and written"),
            HasSubstr("into 4 rungs with a logo, bicubic, one launch: 500.0 (500.0..500.0) of 3; 1 launch, "
                      "8.6 MB, 17 GB/s, 2 % of the copies'")));
  ASSERT_EQ(report->targets.size(), 2 + 2 * compared_ladders().size());
  EXPECT_EQ(report->targets[0].verdict, Verdict::not_met);
  EXPECT_EQ(to_json(*report)["operations"][1]["launches_a_frame"], 4);
}

TEST_F(KernelsBench, BothSidesOfAComparisonTakeTurnsOverTheSameFrames) {
  const auto report = run();
  ASSERT_TRUE(report.ok()) << report.status().message();
  ASSERT_EQ(report->comparisons.size(), compared_ladders().size());
  // The first comparison, of a plain ladder: once around to warm up, two rounds, the picture that is looked
  // at.
  ASSERT_GE(device_.batches.size(), 13U);
  const std::vector<std::pair<int, int>> batches(device_.batches.begin() + 5, device_.batches.begin() + 13);
  EXPECT_GT(batches[0].first, 40);
  EXPECT_THAT(batches, ElementsAre(Pair(batches[0].first, 0), Pair(0, batches[0].first), Pair(0, 3),
                                   Pair(3, 0), Pair(3, 0), Pair(0, 3), Pair(0, 1), Pair(1, 0)));
  const LadderComparison& plain = report->comparisons[0];
  EXPECT_EQ(plain.absence, "");
  EXPECT_EQ(plain.fused.microseconds.size(), 2U);
  EXPECT_EQ(plain.filters.queued_microseconds.size(), 2U);
  EXPECT_EQ(plain.filters.least_decibels, kSameDecibels);
  EXPECT_LT(plain.fused.least_decibels.value_or(kSameDecibels), 20) << "this device writes nothing";
  EXPECT_FALSE(report->comparisons.back().fused.least_decibels) << "a logo lies over it";
}

TEST_F(KernelsBench, FiltersThatFailAreTheirOwnAffair) {
  filters_until_failure_ = 150;
  const auto report = run();
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->comparisons[0].absence, "");
  EXPECT_EQ(report->comparisons[3].absence, "");
  filters_until_failure_ = 2;
  const auto failed = run();
  ASSERT_TRUE(failed.ok()) << failed.status().message();
  for (const LadderComparison& each : failed->comparisons) {
    EXPECT_EQ(each.absence, "filters on cuda:0: no more");
    EXPECT_EQ(each.fused.microseconds.size(), 2U);
    EXPECT_TRUE(each.filters.microseconds.empty());
  }
  EXPECT_EQ(failed->targets.back().verdict, Verdict::not_measured);
  EXPECT_EQ(failed->targets.back().measured, "not run: filters on cuda:0: no more");
}

TEST_F(KernelsBench, SaysWhyThereIsNothingToMeasure) {
  options_.device = 3;
  EXPECT_EQ(run().status().code(), Code::resource_exhausted);
  EXPECT_THAT(run().status().message(), HasSubstr("CUDA device 3 does not open: CUDA_ERROR_X (101)"));
  options_.device = 0;
  device_.has_memory = false;
  EXPECT_EQ(run().status().code(), Code::resource_exhausted);
  EXPECT_THAT(run().status().message(), HasSubstr("no 512 MB of free memory"));
  images_.clear();
  EXPECT_THAT(run().status().message(), HasSubstr("this program holds no GPU kernels"));
  driver_.note = "libcuda.so.1 not found";
  EXPECT_EQ(run().status().code(), Code::resource_exhausted);
  EXPECT_THAT(run().status().message(), HasSubstr("no GPU to measure: libcuda.so.1 not found"));
}

TEST_F(KernelsBench, ALostDeviceAndAStopEndIt) {
  device_.launches_until_lost = 30;
  const auto lost = run();
  EXPECT_EQ(lost.status().code(), Code::device_lost);
  EXPECT_THAT(lost.status().message(), HasSubstr("millrace_ladder_8_8 was not launched: CUDA_ERROR_X (700)"));
  stop_.request();
  EXPECT_EQ(run().status().code(), Code::cancelled);
}

TEST(RunBench, KernelsWhereThereIsNoDriverEndsWithFiveAndTheReason) {
  const std::string note = kernels::load_cuda_driver().note;
  if (note.empty()) GTEST_SKIP() << "this machine has the NVIDIA driver, and the measurement would run";
  std::array<std::string, 2> words = {"millrace-bench", "kernels"};
  std::array<char*, 3> arguments = {words[0].data(), words[1].data(), nullptr};
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(run_bench(2, arguments.data()), 5);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "millrace-bench: no GPU to measure: " + note + "\n");
  EXPECT_THAT(::testing::internal::GetCapturedStdout(),
              HasSubstr("not measured  large frames: not run: no GPU to measure: " + note));
}

TEST(KernelsReport, SeventyPercentOfTheBandwidthIsTheTargetOfLargeFrames) {
  KernelsReport report;
  report.copy_bytes_per_second = 1e9;
  report.figures = {{"large", 1, 700, true, {1.0}}, {"small", 1, 1, false, {1.0}}};
  ASSERT_EQ(judge(report).size(), 1U);
  EXPECT_EQ(judge(report)[0].verdict, Verdict::met);
  EXPECT_EQ(judge(report)[0].measured, "70 %");
  report.figures[0].bytes = 690;
  EXPECT_EQ(judge(report)[0].verdict, Verdict::not_met);
  report.figures[0].microseconds.clear();
  EXPECT_EQ(judge(report)[0].verdict, Verdict::not_measured);
}

KernelsReport compared(double ours, double theirs) {
  KernelsReport report;
  report.comparisons = {planned_comparison(compared_ladders()[2])};
  report.comparisons[0].fused.microseconds = {ours, ours, ours + 9};
  report.comparisons[0].fused.queued_microseconds = {5};
  report.comparisons[0].fused.least_decibels = 71.26;
  report.comparisons[0].filters.microseconds = {theirs};
  report.targets = judge(report);
  return report;
}

TEST(KernelsReport, TwiceTheTimeAndThreeTimesTheLaunchesAreTheTargetsOfTheComparison) {
  const KernelsReport met = compared(100, 200);
  ASSERT_EQ(met.targets.size(), 2U);
  EXPECT_EQ(met.targets[0].measured, "1 against 20");
  EXPECT_EQ(met.targets[0].verdict, Verdict::met);
  EXPECT_EQ(met.targets[1].measured, "100.0 against 200.0 microseconds: 2.00 times less");
  EXPECT_EQ(met.targets[1].verdict, Verdict::met);
  EXPECT_EQ(compared(100, 199).targets[1].verdict, Verdict::not_met);
  KernelsReport few = compared(100, 200);
  few.comparisons[0].fused.launches = 7;
  EXPECT_EQ(judge(few)[0].verdict, Verdict::not_met);
  EXPECT_THAT(figures_text(met),
              AllOf(HasSubstr("one launch: 100.0 (100.0..109.0) in 3 rounds, of which the host's calls 5.0; "
                              "1 launch; worst rung 71.3 dB"),
                    HasSubstr("graph: [in]split=4")));
  const auto json = to_json(met)["comparisons"][0];
  EXPECT_EQ(json["filters"]["launches_a_frame"], 20);
  EXPECT_EQ(json["fused"]["microseconds"]["most"], 109);
  EXPECT_TRUE(json["not_run"].is_null() && json["filters"]["least_decibels"].is_null());
}

TEST(KernelsReport, WhatCouldNotRunSaysWhyForEveryTarget) {
  const KernelsReport report = kernels_not_run({}, "no GPU here");
  EXPECT_EQ(report.targets.size(), 1 + 2 * compared_ladders().size());
  for (const Target& each : report.targets) {
    EXPECT_EQ(each.verdict, Verdict::not_measured) << each.what;
    EXPECT_EQ(each.measured, "not run: no GPU here") << each.what;
  }
  EXPECT_THAT(figures_text(report), HasSubstr("Nothing was run: no GPU here"));
  EXPECT_EQ(to_json(report)["not_run"], "no GPU here");
  EXPECT_EQ(to_json(report)["comparisons"].size(), compared_ladders().size());
}

}  // namespace
}  // namespace millrace::bench
