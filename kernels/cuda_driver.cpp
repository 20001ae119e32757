#include "kernels/cuda_driver.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <type_traits>

namespace millrace::kernels {

std::string CudaDriver::text_of(CudaResult error) const {
  const char* name = nullptr;
  if (error_name == nullptr || error_name(error, &name) != kCudaSuccess || name == nullptr)
    return fmt::format("CUDA error {}", error);
  return fmt::format("{} ({})", name, error);
}

CudaDriver load_cuda_driver(const std::string& library) {
  CudaDriver driver;
  void* const loaded = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) {
    driver.note = library + " not found; install the NVIDIA driver, or in a container run with --gpus all";
    return driver;
  }
  std::string missing;
  const auto find = [&](auto& function, const char* name) {
    void* const found = ::dlsym(loaded, name);
    if (found == nullptr && missing.empty()) missing = name;
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(found);
  };
  find(driver.init, "cuInit");
  find(driver.driver_version, "cuDriverGetVersion");
  find(driver.error_name, "cuGetErrorName");
  find(driver.device_get, "cuDeviceGet");
  find(driver.device_name, "cuDeviceGetName");
  find(driver.primary_set_flags, "cuDevicePrimaryCtxSetFlags_v2");
  find(driver.primary_retain, "cuDevicePrimaryCtxRetain");
  find(driver.primary_release, "cuDevicePrimaryCtxRelease_v2");
  find(driver.context_push, "cuCtxPushCurrent_v2");
  find(driver.context_pop, "cuCtxPopCurrent_v2");
  find(driver.module_load, "cuModuleLoadData");
  find(driver.module_unload, "cuModuleUnload");
  find(driver.module_function, "cuModuleGetFunction");
  find(driver.launch, "cuLaunchKernel");
  find(driver.stream_create, "cuStreamCreate");
  find(driver.stream_destroy, "cuStreamDestroy_v2");
  find(driver.stream_synchronize, "cuStreamSynchronize");
  find(driver.memory_allocate, "cuMemAlloc_v2");
  find(driver.memory_free, "cuMemFree_v2");
  find(driver.copy_to_device, "cuMemcpyHtoD_v2");
  find(driver.copy_to_host, "cuMemcpyDtoH_v2");
  find(driver.copy_on_device, "cuMemcpyDtoDAsync_v2");
  find(driver.host_allocate, "cuMemAllocHost_v2");
  find(driver.host_free, "cuMemFreeHost");
  find(driver.queue_to_device, "cuMemcpyHtoDAsync_v2");
  find(driver.queue_to_host, "cuMemcpyDtoHAsync_v2");
  find(driver.event_create, "cuEventCreate");
  find(driver.event_destroy, "cuEventDestroy_v2");
  find(driver.event_record, "cuEventRecord");
  find(driver.event_synchronize, "cuEventSynchronize");
  find(driver.event_milliseconds, "cuEventElapsedTime");
  if (!missing.empty()) {
    driver.note = fmt::format("{} has no {}; install NVIDIA driver 450 or later", library, missing);
  } else if (const CudaResult error = driver.init(0); error != kCudaSuccess) {
    driver.note = fmt::format(
        "{} is here but cuInit fails: {}; check that the machine has an NVIDIA GPU and that "
        "its kernel module is loaded",
        library, driver.text_of(error));
  }
  return driver;
}

}  // namespace millrace::kernels
