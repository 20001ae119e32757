// CudaKernels: Kernels on an NVIDIA GPU, one launch an operation, on one stream and without waiting for it.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>

#include "kernels/cuda_driver.h"
#include "kernels/kernel_image.h"
#include "kernels/kernels.h"

namespace millrace::kernels {

// For one thread, with the context that it was made in current on it. All addresses in the work are the
// device's. A call returns when the launch is queued: memory may be given back to the stream's own order at
// once.
class CudaKernels : public Kernels {
 public:
  struct Made;
  // Loads the first image that the driver takes into the current context. `driver` and `stream` outlive it;
  // the stream may be null for the default one. Blocks: some milliseconds, or a second where PTX must be
  // translated.
  static Made make(const CudaDriver& driver, CudaHandle stream,
                   std::span<const KernelImage> images = kernel_images());
  ~CudaKernels() override;

  void ladder(const Ladder& work) override;
  void convert(const Conversion& work) override;
  void deinterlace(const Deinterlace& work) override;
  void turn(const Turn& work) override;

  // The image in use, as it is called.
  const std::string& image() const { return image_; }
  // Why the first launch that the driver refused was refused; empty while none was. A failure on the device
  // shows when the stream is waited for.
  const std::string& failure() const { return failure_; }

 private:
  static constexpr std::size_t kEntries = 12;
  CudaKernels(const CudaDriver& driver, CudaHandle stream) : driver_(driver), stream_(stream) {}
  std::string load(const KernelImage& image);
  template <class Work>
  void launch(std::size_t entry, const Work& work, std::int32_t width, std::int32_t height,
              std::int32_t layers);

  const CudaDriver& driver_;
  CudaHandle stream_;
  CudaHandle module_ = nullptr;
  std::array<CudaHandle, kEntries> entries_{};
  std::string image_;
  std::string failure_;
};

struct CudaKernels::Made {
  std::unique_ptr<CudaKernels> kernels;  // null: see note
  std::string note;                      // why there are none, with what the driver said to each image
};

}  // namespace millrace::kernels
