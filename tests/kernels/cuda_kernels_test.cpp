#include "kernels/cuda_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "kernels/launch.h"
#include "tests/kernels/pictures.h"

namespace millrace::kernels {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A driver that writes down what it is asked. Its functions have no place for a state of their own.
struct Record {
  std::set<std::string> refused_images;
  std::vector<std::string> functions;
  std::vector<std::string> launches;
  CudaResult launch_result = kCudaSuccess;
  int modules = 0;
};
Record* record = nullptr;

class FakeDriver : public ::testing::Test {
 protected:
  FakeDriver() {
    record = &record_;
    driver_.error_name = [](CudaResult error, const char** name) {
      *name = error == 209 ? "CUDA_ERROR_NO_BINARY_FOR_GPU" : "CUDA_ERROR_UNSUPPORTED_PTX_VERSION";
      return kCudaSuccess;
    };
    driver_.module_load = [](CudaHandle* module, const void* image) {
      const std::string text = static_cast<const char*>(image);
      if (record->refused_images.count(text) > 0) return text == "fatbin" ? 209 : 222;
      *module = record;
      ++record->modules;
      return kCudaSuccess;
    };
    driver_.module_unload = [](CudaHandle) {
      --record->modules;
      return kCudaSuccess;
    };
    driver_.module_function = [](CudaHandle* function, CudaHandle, const char* name) {
      record->functions.emplace_back(name);
      *function = reinterpret_cast<CudaHandle>(record->functions.size());
      return kCudaSuccess;
    };
    driver_.launch = [](CudaHandle function, unsigned x, unsigned y, unsigned z, unsigned block_x,
                        unsigned block_y, unsigned, unsigned, CudaHandle stream, void**, void**) {
      const std::size_t index = reinterpret_cast<std::size_t>(function) - 1;
      EXPECT_EQ(block_x * block_y, kBlockThreads);
      EXPECT_EQ(stream, static_cast<void*>(record));
      record->launches.push_back(record->functions[index] + " " + std::to_string(x) + "x" +
                                 std::to_string(y) + "x" + std::to_string(z));
      return record->launch_result;
    };
  }

  Record record_;
  CudaDriver driver_;
  const std::vector<KernelImage> images_{{"nvcc", "fatbin"}, {"clang", "ptx"}};
};

TEST_F(FakeDriver, EachOperationIsOneLaunchOfTheRightEntry) {
  const auto made = CudaKernels::make(driver_, record, images_);
  ASSERT_NE(made.kernels, nullptr) << made.note;
  EXPECT_EQ(made.kernels->image(), "nvcc");
  Picture hd(1920, 1080, Layout::p010), small(640, 360, Layout::nv12), odd(33, 9, Layout::nv12);
  Ladder ladder;
  ladder.source = hd.surface();
  ladder.count = 2;
  ladder.rungs[0].target = odd.surface();
  ladder.rungs[1].target = small.surface();
  made.kernels->ladder(ladder);
  made.kernels->convert({hd.surface(), hd.surface(), {}});
  made.kernels->convert({small.surface(), hd.surface(), {}});
  made.kernels->deinterlace({odd.surface(), odd.surface(), odd.surface(), odd.surface()});
  made.kernels->turn({hd.surface(), hd.surface(), 2});
  made.kernels->turn({odd.surface(), small.surface(), 1});
  EXPECT_THAT(record_.launches, ElementsAre("millrace_ladder_10_8 20x45x4", "millrace_convert_10_10 30x68x1",
                                            "millrace_convert_8_10 30x68x1", "millrace_deinterlace_8 2x2x1",
                                            "millrace_turn_10 60x135x1", "millrace_turn_8 20x45x1"));
  EXPECT_EQ(made.kernels->failure(), "");
}

TEST_F(FakeDriver, AnImageThatIsRefusedIsFollowedByTheNext) {
  record_.refused_images = {"fatbin"};
  {
    const auto made = CudaKernels::make(driver_, record, images_);
    ASSERT_NE(made.kernels, nullptr) << made.note;
    EXPECT_EQ(made.kernels->image(), "clang");
    EXPECT_EQ(record_.modules, 1);
  }
  EXPECT_EQ(record_.modules, 0);
}

TEST_F(FakeDriver, WithNoImageTakenTheNoteTellsEachReason) {
  record_.refused_images = {"fatbin", "ptx"};
  const auto made = CudaKernels::make(driver_, record, images_);
  EXPECT_EQ(made.kernels, nullptr);
  EXPECT_THAT(made.note,
              HasSubstr("nvcc: CUDA_ERROR_NO_BINARY_FOR_GPU (209); clang: CUDA_ERROR_UNSUPPORTED_PTX_VERSION "
                        "(222)"));
  EXPECT_THAT(CudaKernels::make(driver_, record, {}).note,
              HasSubstr("build it where nvcc or clang is installed"));
  driver_.note = "libcuda.so.1 not found";
  EXPECT_EQ(CudaKernels::make(driver_, record, images_).note, "libcuda.so.1 not found");
}

TEST_F(FakeDriver, TheFirstLaunchThatIsRefusedIsRemembered) {
  const auto made = CudaKernels::make(driver_, record, images_);
  Picture picture(8, 8, Layout::nv12);
  record_.launch_result = 209;
  made.kernels->convert({picture.surface(), picture.surface(), {}});
  record_.launch_result = kCudaSuccess;
  made.kernels->deinterlace({picture.surface(), picture.surface(), picture.surface(), picture.surface()});
  EXPECT_EQ(made.kernels->failure(),
            "millrace_convert_8_8 was not launched: CUDA_ERROR_NO_BINARY_FOR_GPU (209)");
}

TEST(CudaDriver, ALibraryThatIsNotThereOrIsAnotherOneIsANote) {
  EXPECT_THAT(load_cuda_driver("libmillrace_absent.so.1").note,
              HasSubstr("libmillrace_absent.so.1 not found; install"));
  EXPECT_THAT(load_cuda_driver("libc.so.6").note, HasSubstr("libc.so.6 has no cuInit"));
}

// What ptxas said when the images were built: for each entry of each target.
TEST(KernelImages, EveryEntryOfEveryTargetKeepsToItsRegistersAndSpillsNothing) {
  if (kernel_images().empty()) GTEST_SKIP() << "this build found neither nvcc nor clang: no image was made";
  const char* build = std::getenv("MILLRACE_BUILD");
  if (build == nullptr) GTEST_SKIP() << "MILLRACE_BUILD names no build folder to read ptxas's words from";
  bool any = false;
  for (const KernelImage& image : kernel_images()) {
    const std::string name = image.name;
    const bool fatbin = name.rfind("nvcc", 0) == 0;
    const auto file =
        std::filesystem::path(build) / "generated" / (fatbin ? "kernels.nvcc.log" : "kernels.clang.log");
    std::ifstream log(file);
    ASSERT_TRUE(log.is_open()) << file;
    std::stringstream text;
    text << log.rdbuf();
    const std::string all = text.str();
    const auto numbers = [&](const char* pattern) {
      std::vector<int> found;
      const std::regex regex(pattern);
      for (std::sregex_iterator at(all.begin(), all.end(), regex), end; at != end; ++at)
        found.push_back(std::stoi((*at)[1]));
      return found;
    };
    const std::vector<int> registers = numbers("Used (\\d+) registers");
    if (!fatbin && registers.empty()) continue;  // no ptxas on this machine
    any = true;
    const std::regex target("sm_\\d+");
    const auto targets =
        fatbin ? std::distance(std::sregex_iterator(name.begin(), name.end(), target), {}) : 1;
    EXPECT_THAT(registers, SizeIs(12 * static_cast<std::size_t>(targets))) << name;
    EXPECT_THAT(registers, ::testing::Each(::testing::Le(64))) << name;
    EXPECT_THAT(numbers("(\\d+) bytes spill stores"), ::testing::Each(0)) << name;
    EXPECT_THAT(numbers("(\\d+) bytes stack frame"), ::testing::Each(0)) << name;
  }
  if (!any) GTEST_SKIP() << "no ptxas on this machine: nobody said how many registers the kernels take";
}

}  // namespace
}  // namespace millrace::kernels
