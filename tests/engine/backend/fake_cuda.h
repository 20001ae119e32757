// FakeCuda: a driver whose device is the host. Its memory is the host's, its launches are done at once by the
// reference kernels, and it counts what is open. One at a time.
#pragma once

#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "kernels/cuda_driver.h"
#include "kernels/kernel_image.h"
#include "kernels/reference.h"

namespace millrace::test {

class FakeCuda {
 public:
  FakeCuda() { now_ = this; }
  ~FakeCuda() { now_ = nullptr; }

  kernels::CudaDriver driver() const;
  static std::vector<kernels::KernelImage> images() { return {{"fake", "fake"}}; }

  // By the driver's own names without "cu": what each gives from now on.
  std::map<std::string, kernels::CudaResult> fails;
  int contexts = 0;
  int streams = 0;
  int modules = 0;
  int events = 0;
  int memory = 0;  // allocations of the device
  int pinned = 0;
  int launches = 0;
  int copies_down = 0;

 private:
  using Result = kernels::CudaResult;
  using Handle = kernels::CudaHandle;
  static Result result(const char* name) {
    const auto found = now_->fails.find(name);
    return found == now_->fails.end() ? kernels::kCudaSuccess : found->second;
  }
  static Result count(const char* name, int& counted, int by, void** made = nullptr) {
    if (const Result error = result(name); error != kernels::kCudaSuccess) return error;
    counted += by;
    if (made != nullptr) *made = now_;
    return kernels::kCudaSuccess;
  }
  static inline FakeCuda* now_ = nullptr;
  std::vector<std::string> functions_;
};

inline kernels::CudaDriver FakeCuda::driver() const {
  kernels::CudaDriver d;
  d.init = [](unsigned) { return kernels::kCudaSuccess; };
  d.error_name = [](Result error, const char** name) {
    *name = error == 2     ? "CUDA_ERROR_OUT_OF_MEMORY"
            : error == 209 ? "CUDA_ERROR_NO_BINARY_FOR_GPU"
                           : "CUDA_ERROR_ILLEGAL_ADDRESS";
    return kernels::kCudaSuccess;
  };
  d.device_get = [](kernels::CudaDevice* device, int ordinal) {
    *device = ordinal;
    return result("DeviceGet");
  };
  d.device_name = [](char* name, int size, kernels::CudaDevice) {
    std::string("A fake card").copy(name, static_cast<std::size_t>(size) - 1);
    return kernels::kCudaSuccess;
  };
  d.primary_set_flags = [](kernels::CudaDevice, unsigned) { return kernels::kCudaSuccess; };
  d.primary_retain = [](Handle* context, kernels::CudaDevice) {
    return count("DevicePrimaryCtxRetain", now_->contexts, 1, context);
  };
  d.primary_release = [](kernels::CudaDevice) { return count("", now_->contexts, -1); };
  d.context_push = [](Handle) { return kernels::kCudaSuccess; };
  d.context_pop = [](Handle*) { return kernels::kCudaSuccess; };
  d.module_load = [](Handle* module, const void*) {
    return count("ModuleLoadData", now_->modules, 1, module);
  };
  d.module_unload = [](Handle) { return count("", now_->modules, -1); };
  d.module_function = [](Handle* function, Handle, const char* name) {
    now_->functions_.emplace_back(name);
    *function = reinterpret_cast<Handle>(now_->functions_.size());
    return kernels::kCudaSuccess;
  };
  d.launch = [](Handle function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Handle,
                void** parameters, void**) {
    const std::string& name = now_->functions_[reinterpret_cast<std::size_t>(function) - 1];
    const auto is = [&](const char* operation) {
      return name.rfind(operation, 0) == 0 && result("LaunchKernel") == kernels::kCudaSuccess;
    };
    kernels::ReferenceKernels reference;
    if (is("millrace_ladder")) reference.ladder(*static_cast<const kernels::Ladder*>(parameters[0]));
    if (is("millrace_convert")) reference.convert(*static_cast<const kernels::Conversion*>(parameters[0]));
    if (is("millrace_deinterlace"))
      reference.deinterlace(*static_cast<const kernels::Deinterlace*>(parameters[0]));
    if (is("millrace_turn")) reference.turn(*static_cast<const kernels::Turn*>(parameters[0]));
    return count("LaunchKernel", now_->launches, 1);
  };
  d.stream_create = [](Handle* stream, unsigned) { return count("StreamCreate", now_->streams, 1, stream); };
  d.stream_destroy = [](Handle) { return count("", now_->streams, -1); };
  d.stream_synchronize = [](Handle) { return result("StreamSynchronize"); };
  d.memory_allocate = [](kernels::CudaAddress* address, std::size_t bytes) {
    const Result done = count("MemAlloc", now_->memory, 1);
    if (done == kernels::kCudaSuccess) *address = reinterpret_cast<kernels::CudaAddress>(std::malloc(bytes));
    return done;
  };
  d.memory_free = [](kernels::CudaAddress address) {
    std::free(reinterpret_cast<void*>(address));
    return count("", now_->memory, -1);
  };
  d.copy_to_device = [](kernels::CudaAddress to, const void* from, std::size_t bytes) {
    std::memcpy(reinterpret_cast<void*>(to), from, bytes);
    return result("MemcpyHtoD");
  };
  d.host_allocate = [](void** address, std::size_t bytes) {
    const Result done = count("MemAllocHost", now_->pinned, 1);
    if (done == kernels::kCudaSuccess) *address = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
    return done;
  };
  d.host_free = [](void* address) {
    std::free(address);
    return count("", now_->pinned, -1);
  };
  d.queue_to_host = [](void* to, kernels::CudaAddress from, std::size_t bytes, Handle) {
    std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
    return count("MemcpyDtoHAsync", now_->copies_down, 1);
  };
  d.event_create = [](Handle* event, unsigned) { return count("EventCreate", now_->events, 1, event); };
  d.event_destroy = [](Handle) { return count("", now_->events, -1); };
  d.event_record = [](Handle, Handle) { return result("EventRecord"); };
  d.event_synchronize = [](Handle) { return result("EventSynchronize"); };
  return d;
}

}  // namespace millrace::test
