#include "kernels/cuda_kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "kernels/launch.h"

namespace millrace::kernels {
namespace {

// In the order of entry_of(): an operation's entries by the depths of source and target.
constexpr const char* kNames[] = {
    "millrace_ladder_8_8",    "millrace_ladder_8_10",    "millrace_ladder_10_8",  "millrace_ladder_10_10",
    "millrace_convert_8_8",   "millrace_convert_8_10",   "millrace_convert_10_8", "millrace_convert_10_10",
    "millrace_deinterlace_8", "millrace_deinterlace_10", "millrace_turn_8",       "millrace_turn_10"};
constexpr std::size_t kLadder = 0, kConvert = 4, kDeinterlace = 8, kTurn = 10;

std::size_t entry_of(std::size_t operation, const Surface& in, const Surface& out) {
  return operation + (in.depth > 8 ? 2U : 0U) + (out.depth > 8 ? 1U : 0U);
}
// Of an operation whose surfaces agree in depth.
std::size_t entry_of(std::size_t operation, const Surface& all) {
  return operation + (all.depth > 8 ? 1U : 0U);
}

unsigned blocks(std::int32_t samples, std::uint32_t block) {
  return (static_cast<unsigned>(samples) + block - 1) / block;
}

}  // namespace

std::string CudaKernels::load(const KernelImage& image) {
  static_assert(std::size(kNames) == kEntries);
  if (const CudaResult error = driver_.module_load(&module_, image.data); error != kCudaSuccess) {
    module_ = nullptr;
    return driver_.text_of(error);
  }
  image_ = image.name;
  for (std::size_t i = 0; i < kEntries; ++i) {
    if (const CudaResult error = driver_.module_function(&entries_[i], module_, kNames[i]);
        error != kCudaSuccess)
      return fmt::format("{}: {}", kNames[i], driver_.text_of(error));
  }
  return {};
}

CudaKernels::Made CudaKernels::make(const CudaDriver& driver, CudaHandle stream,
                                    std::span<const KernelImage> images) {
  if (!driver.note.empty()) return {nullptr, driver.note};
  std::string note;
  for (const KernelImage& image : images) {
    std::unique_ptr<CudaKernels> kernels(new CudaKernels(driver, stream));
    const std::string trouble = kernels->load(image);
    if (trouble.empty()) return {std::move(kernels), {}};
    note += fmt::format("{}{}: {}", note.empty() ? "" : "; ", image.name, trouble);
  }
  if (images.empty())
    return {nullptr, "this program holds no GPU kernels; build it where nvcc or clang is installed"};
  return {nullptr, "the driver takes none of the GPU kernels (" + note + "); install a newer NVIDIA driver"};
}

CudaKernels::~CudaKernels() {
  if (module_ != nullptr) driver_.module_unload(module_);
}

template <class Work>
void CudaKernels::launch(std::size_t entry, const Work& work, std::int32_t width, std::int32_t height,
                         std::int32_t layers) {
  // The driver copies the work while it queues the launch; it only has no const in its signature.
  void* parameters[] = {const_cast<Work*>(&work)};
  const CudaResult error = driver_.launch(entries_[entry], blocks(width, kBlockWidth),
                                          blocks(height, kBlockHeight), static_cast<unsigned>(layers),
                                          kBlockWidth, kBlockHeight, 1, 0, stream_, parameters, nullptr);
  if (error != kCudaSuccess && failure_.empty())
    failure_ = fmt::format("{} was not launched: {}", kNames[entry], driver_.text_of(error));
}

void CudaKernels::ladder(const Ladder& work) {
  std::int32_t width = 0, height = 0;
  for (std::int32_t i = 0; i < work.count; ++i) {
    width = std::max(width, work.rungs[i].target.width);
    height = std::max(height, work.rungs[i].target.height);
  }
  launch(entry_of(kLadder, work.source, work.rungs[0].target), work, width, height, 2 * work.count);
}

void CudaKernels::convert(const Conversion& work) {
  launch(entry_of(kConvert, work.source, work.target), work, chroma_size(work.target.width),
         chroma_size(work.target.height), 1);
}

void CudaKernels::deinterlace(const Deinterlace& work) {
  launch(entry_of(kDeinterlace, work.target), work, work.target.width, work.target.height, 1);
}

void CudaKernels::turn(const Turn& work) {
  launch(entry_of(kTurn, work.target), work, work.target.width, work.target.height, 1);
}

}  // namespace millrace::kernels
