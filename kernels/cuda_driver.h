// CudaDriver: the functions of NVIDIA's driver that kernels need, found at run time. Nothing links against
// CUDA, and a machine without the driver gets a note. Declared here, after the CUDA Driver API reference, so
// that building needs no CUDA header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace millrace::kernels {

using CudaResult = int;                  // CUresult; 0 is success
using CudaDevice = int;                  // CUdevice
using CudaAddress = unsigned long long;  // CUdeviceptr
using CudaHandle = void*;                // CUcontext, CUmodule, CUfunction, CUstream, CUevent

constexpr CudaResult kCudaSuccess = 0;
constexpr unsigned kCudaBlockingSync = 4;  // CU_CTX_SCHED_BLOCKING_SYNC
constexpr unsigned kCudaNonBlocking = 1;   // CU_STREAM_NON_BLOCKING
// CU_EVENT_BLOCKING_SYNC and CU_EVENT_DISABLE_TIMING: who waits for it sleeps.
constexpr unsigned kCudaWaitingEvent = 1 | 2;

// A plain table, so that a test can put its own functions in.
struct CudaDriver {
  std::string note;  // why the table is empty: "libcuda.so.1 not found"; empty when it can be called

  CudaResult (*init)(unsigned flags) = nullptr;
  CudaResult (*driver_version)(int* version) = nullptr;  // 13000 is CUDA 13.0
  CudaResult (*error_name)(CudaResult error, const char** name) = nullptr;
  CudaResult (*device_get)(CudaDevice* device, int ordinal) = nullptr;
  CudaResult (*device_name)(char* name, int size, CudaDevice device) = nullptr;
  CudaResult (*primary_set_flags)(CudaDevice device, unsigned flags) = nullptr;
  CudaResult (*primary_retain)(CudaHandle* context, CudaDevice device) = nullptr;
  CudaResult (*primary_release)(CudaDevice device) = nullptr;
  CudaResult (*context_push)(CudaHandle context) = nullptr;
  CudaResult (*context_pop)(CudaHandle* context) = nullptr;
  CudaResult (*module_load)(CudaHandle* module, const void* image) = nullptr;
  CudaResult (*module_unload)(CudaHandle module) = nullptr;
  CudaResult (*module_function)(CudaHandle* function, CudaHandle module, const char* name) = nullptr;
  CudaResult (*launch)(CudaHandle function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                       unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                       CudaHandle stream, void** parameters, void** extra) = nullptr;
  CudaResult (*stream_create)(CudaHandle* stream, unsigned flags) = nullptr;
  CudaResult (*stream_destroy)(CudaHandle stream) = nullptr;
  CudaResult (*stream_synchronize)(CudaHandle stream) = nullptr;
  CudaResult (*memory_allocate)(CudaAddress* address, std::size_t bytes) = nullptr;
  CudaResult (*memory_free)(CudaAddress address) = nullptr;
  CudaResult (*copy_to_device)(CudaAddress to, const void* from, std::size_t bytes) = nullptr;
  CudaResult (*copy_to_host)(void* to, CudaAddress from, std::size_t bytes) = nullptr;
  CudaResult (*copy_on_device)(CudaAddress to, CudaAddress from, std::size_t bytes,
                               CudaHandle stream) = nullptr;
  // Memory of the host that the device copies from and to without a stop in between.
  CudaResult (*host_allocate)(void** address, std::size_t bytes) = nullptr;
  CudaResult (*host_free)(void* address) = nullptr;
  // Queued. The host's memory must stay as it is until the stream got there.
  CudaResult (*queue_to_device)(CudaAddress to, const void* from, std::size_t bytes,
                                CudaHandle stream) = nullptr;
  CudaResult (*queue_to_host)(void* to, CudaAddress from, std::size_t bytes, CudaHandle stream) = nullptr;
  CudaResult (*event_create)(CudaHandle* event, unsigned flags) = nullptr;
  CudaResult (*event_destroy)(CudaHandle event) = nullptr;
  CudaResult (*event_record)(CudaHandle event, CudaHandle stream) = nullptr;
  CudaResult (*event_synchronize)(CudaHandle event) = nullptr;
  CudaResult (*event_milliseconds)(float* milliseconds, CudaHandle from, CudaHandle to) = nullptr;

  // "CUDA_ERROR_NO_DEVICE (100)"
  std::string text_of(CudaResult error) const;
};

// Loads the library, which stays loaded, and calls cuInit. Blocks up to seconds where a driver wakes its
// cards; may crash with a broken driver, so a worker process is the place for it.
CudaDriver load_cuda_driver(const std::string& library = "libcuda.so.1");

}  // namespace millrace::kernels
