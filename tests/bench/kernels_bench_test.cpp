#include "bench/kernels_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

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
using ::testing::HasSubstr;

// What the functions of a driver without a device need to know; they have no place for a state of their own.
struct Device {
  int contexts = 0, pushed = 0, streams = 0, modules = 0, events = 0, memory = 0;
  int launches = 0;
  int launches_until_lost = -1;
  bool has_memory = true;
};
Device* device = nullptr;

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
    driver_.stream_synchronize = [](CudaHandle) { return kCudaSuccess; };
    driver_.memory_allocate = [](CudaAddress* address, std::size_t) {
      if (!device->has_memory) return 2;
      *address = 4096;
      return ++device->memory, kCudaSuccess;
    };
    driver_.memory_free = [](CudaAddress) { return --device->memory, kCudaSuccess; };
    driver_.copy_to_device = [](CudaAddress, const void*, std::size_t) { return kCudaSuccess; };
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
    return run_kernels_bench(options_, driver_, images_, listener, stop_);
  }

  Device device_;
  CudaDriver driver_;
  std::vector<kernels::KernelImage> images_{{"an image", ""}};
  KernelsOptions options_{0, 3};
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
  // 23 frames each: one launch but for the second operation.
  EXPECT_EQ(device_.launches, 23 * (1 + 4 + 1 + 1 + 1));
  EXPECT_NEAR(report->copy_bytes_per_second, 536870912 / 500e-6, 1);
  const std::string text = figures_text(*report);
  EXPECT_THAT(
      text, AllOf(HasSubstr("Fake GPU, driver for CUDA 12.4"), HasSubstr("1074 GB/s read and written"),
                  HasSubstr("into 4 rungs with an overlay, one launch: 500.0 (500.0..500.0) of 3; 1 launch, "
                            "8.6 MB, 17 GB/s, 2 % of the copies'")));
  ASSERT_EQ(report->targets.size(), 2U);
  EXPECT_EQ(report->targets[0].verdict, Verdict::not_met);
  EXPECT_EQ(to_json(*report)["operations"][1]["launches_a_frame"], 4);
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
  EXPECT_THAT(run().status().message(), HasSubstr("Fake GPU: this program holds no GPU kernels"));
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
  EXPECT_EQ(run_bench(2, arguments.data()), 5);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "millrace-bench: no GPU to measure: " + note + "\n");
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

}  // namespace
}  // namespace millrace::bench
