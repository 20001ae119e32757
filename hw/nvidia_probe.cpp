#include "hw/nvidia_probe.h"

#include <ffnvcodec/dynlink_cuda.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "hw/gpu_nodes.h"
#include "hw/nvdec_forms.h"
#include "hw/nvenc_forms.h"
#include "hw/nvml.h"
#include "hw/text_file.h"

namespace millrace::hw {
namespace {

using DriverGetVersion = CUresult(int*);
using DeviceTotalMemory = CUresult(std::size_t*, CUdevice);

// CUresult of cuda.h; ffnvcodec's header names only a few.
constexpr int kStubLibrary = 34;
constexpr int kDeviceUnavailable = 46;
constexpr int kOutOfMemory = 2;
constexpr int kNoDevice = 100;
constexpr int kOperatingSystem = 304;
constexpr int kSystemNotReady = 802;
constexpr int kDriverMismatch = 803;
constexpr int kNoCompatibility = 804;
constexpr int kUnknown = 999;

// The functions of libcuda.so.1 that are asked here.
struct Cuda {
  explicit Cuda(const DriverLibrary& library)
      : init(library.function<tcuInit>("cuInit")),
        version(library.function<DriverGetVersion>("cuDriverGetVersion")),
        count(library.function<tcuDeviceGetCount>("cuDeviceGetCount")),
        get(library.function<tcuDeviceGet>("cuDeviceGet")),
        name(library.function<tcuDeviceGetName>("cuDeviceGetName")),
        memory(library.function<DeviceTotalMemory>("cuDeviceTotalMem_v2")),
        attribute(library.function<tcuDeviceGetAttribute>("cuDeviceGetAttribute")),
        card_uuid(library.function<tcuDeviceGetUuid>("cuDeviceGetUuid")),
        slice_uuid(library.function<tcuDeviceGetUuid>("cuDeviceGetUuid_v2")),
        retain(library.function<tcuDevicePrimaryCtxRetain>("cuDevicePrimaryCtxRetain")),
        release(library.function<tcuDevicePrimaryCtxRelease>("cuDevicePrimaryCtxRelease_v2")),
        push(library.function<tcuCtxPushCurrent_v2>("cuCtxPushCurrent_v2")),
        pop(library.function<tcuCtxPopCurrent_v2>("cuCtxPopCurrent_v2")),
        error_name(library.function<tcuGetErrorName>("cuGetErrorName")) {}

  bool whole() const {
    return init && version && count && get && name && memory && attribute && card_uuid && retain && release &&
           push && pop && error_name;
  }

  std::string words(int error) const {
    const char* text = nullptr;
    error_name(static_cast<CUresult>(error), &text);
    return text == nullptr ? fmt::format("error {}", error) : fmt::format("{} ({})", text, error);
  }

  tcuInit* init;
  DriverGetVersion* version;
  tcuDeviceGetCount* count;
  tcuDeviceGet* get;
  tcuDeviceGetName* name;
  DeviceTotalMemory* memory;
  tcuDeviceGetAttribute* attribute;
  tcuDeviceGetUuid* card_uuid;
  tcuDeviceGetUuid* slice_uuid;  // from CUDA 11.4 on
  tcuDevicePrimaryCtxRetain* retain;
  tcuDevicePrimaryCtxRelease* release;
  tcuCtxPushCurrent_v2* push;
  tcuCtxPopCurrent_v2* pop;
  tcuGetErrorName* error_name;
};

// Why CUDA shows no device though its library is there.
std::string why_none(const Nvml& nvml, const ProbeRoots& roots) {
  if (const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES"))
    return fmt::format("CUDA_VISIBLE_DEVICES={} hides every device; unset it", printable(visible));
  if (std::optional<std::string> trouble = nvidia_node_trouble(roots)) return std::move(*trouble);
  if (const std::vector<std::string> cards = nvml.sliced_cards(); !cards.empty()) {
    return fmt::format("MIG is on for {}, but it has no slice; make one (nvidia-smi mig -cgi PROFILE -C)",
                       fmt::join(cards, ", "));
  }
  return "the driver shows no device; see `nvidia-smi`, or in a container run with --gpus all";
}

std::string why_no_start(const Cuda& cuda, int error, const Nvml& nvml, const ProbeRoots& roots) {
  const auto told = [&](std::string_view mend) {
    return fmt::format("CUDA does not start: {}; {}", cuda.words(error), mend);
  };
  switch (error) {
    case kNoDevice:
      return why_none(nvml, roots);
    case kStubLibrary:
      return told("this libcuda.so.1 is the CUDA Toolkit's stub: take its folder out of LD_LIBRARY_PATH");
    case kOperatingSystem:
      return told("a sandbox keeps the driver from the kernel: give the container the device nodes");
    case kSystemNotReady:
      return told("start the service nvidia-fabricmanager");
    case kDriverMismatch:
      return told("the driver's libraries and its kernel module are of two versions: restart the machine");
    case kNoCompatibility:
      return told("the CUDA compatibility package does not fit this card: take it out of LD_LIBRARY_PATH");
    case kUnknown:
      return told("load the kernel module nvidia-uvm (modprobe nvidia-uvm), or restart the machine");
    default:
      return told("reinstall the NVIDIA driver, or restart the machine");
  }
}

std::string why_no_context(const Cuda& cuda, int error) {
  std::string_view mend = "see `nvidia-smi` and the kernel's log, or restart the machine";
  if (error == kDeviceUnavailable)
    mend = "another program holds it alone: end that, or set its compute mode to default";
  if (error == kOutOfMemory) mend = "its memory is full: end a program that uses it";
  return fmt::format("no CUDA context opens: {}; {}", cuda.words(error), mend);
}

// "GPU-6d1e0f4a-...", as nvidia-smi writes it.
std::string uuid_text(const CUuuid& uuid, std::string_view prefix) {
  std::string text(prefix);
  for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(uuid.bytes[i]));
  }
  return text;
}

// A context of the device, current on this thread for the life of this object.
class CurrentContext {
 public:
  CurrentContext(const Cuda& cuda, CUdevice device) : cuda_(cuda), device_(device) {
    error_ = static_cast<int>(cuda.retain(&context_, device));
    if (error_ == 0 && (error_ = static_cast<int>(cuda.push(context_))) != 0) cuda.release(device);
  }
  ~CurrentContext() {
    if (error_ != 0) return;
    CUcontext popped = nullptr;
    cuda_.pop(&popped);
    cuda_.release(device_);
  }
  CurrentContext(const CurrentContext&) = delete;
  CurrentContext& operator=(const CurrentContext&) = delete;

  int error() const { return error_; }
  CUcontext get() const { return context_; }

 private:
  const Cuda& cuda_;
  CUdevice device_;
  CUcontext context_ = nullptr;
  int error_ = 0;
};

// What CUDA tells without a context.
GpuFacts describe(const Cuda& cuda, int index, CUdevice device) {
  GpuFacts gpu;
  gpu.vendor = "nvidia";
  gpu.index = index;
  std::array<char, 256> name{};
  cuda.name(name.data(), static_cast<int>(name.size()), device);
  gpu.name = printable(name.data());
  // A slice is named after its card: "NVIDIA A100-SXM4-40GB MIG 1g.5gb".
  constexpr std::string_view kSlice = " MIG ";
  if (const std::size_t at = gpu.name.find(kSlice); at != std::string::npos)
    gpu.mig = gpu.name.substr(at + kSlice.size());
  std::size_t bytes = 0;
  if (cuda.memory(&bytes, device) == CUDA_SUCCESS) gpu.memory_bytes = bytes;
  int major = 0;
  int minor = 0;
  cuda.attribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device);
  cuda.attribute(&minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
  gpu.compute = major * 10 + minor;
  CUuuid uuid{};
  const bool slice = !gpu.mig.empty() && cuda.slice_uuid != nullptr;
  if ((slice ? cuda.slice_uuid : cuda.card_uuid)(&uuid, device) == CUDA_SUCCESS)
    gpu.id = uuid_text(uuid, slice ? "MIG-" : "GPU-");
  return gpu;
}

}  // namespace

std::vector<GpuFacts> ask_nvidia(const DriverNames& names, const ProbeRoots& roots,
                                 std::vector<Absence>& absences) {
  const auto none = [&](std::string note) {
    absences.push_back({"nvidia", std::move(note)});
    return std::vector<GpuFacts>();
  };
  const DriverLibrary library(names.cuda);
  if (!library.loaded())
    return none("libcuda.so.1 not found; install the NVIDIA driver, or in a container run with --gpus all");
  const Cuda cuda(library);
  if (!cuda.whole()) return none("libcuda.so.1 is not whole or too old; install a current NVIDIA driver");
  const DriverLibrary nvml_library(names.nvml);
  const Nvml nvml(nvml_library);
  if (const CUresult error = cuda.init(0); error != CUDA_SUCCESS)
    return none(why_no_start(cuda, static_cast<int>(error), nvml, roots));
  int count = 0;
  if (cuda.count(&count) != CUDA_SUCCESS || count == 0) return none(why_none(nvml, roots));

  const DriverLibrary nvcuvid(names.nvcuvid);
  const DriverLibrary nvenc(names.nvenc);
  std::vector<GpuFacts> gpus;
  for (int index = 0; index < count; ++index) {
    CUdevice device{};
    if (const CUresult error = cuda.get(&device, index); error != CUDA_SUCCESS) {
      absences.push_back({"nvidia", fmt::format("device {} does not open: {}; see `nvidia-smi`", index,
                                                cuda.words(static_cast<int>(error)))});
      continue;
    }
    GpuFacts gpu = describe(cuda, index, device);
    gpu.driver = nvml.driver();
    cuda.version(&gpu.cuda);
    // Before the context, which takes memory of its own.
    gpu.load = nvml.load(gpu.id);
    if (!nvml.trouble().empty()) gpu.absences.push_back({"load", nvml.trouble()});
    const CurrentContext context(cuda, device);
    if (context.error() != 0) {
      absences.push_back({"nvidia", fmt::format("device {}, {}: {}", index, gpu.name,
                                                why_no_context(cuda, context.error()))});
      continue;
    }
    ask_nvdec(nvcuvid, gpu);
    ask_nvenc(nvenc, context.get(), gpu);
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

}  // namespace millrace::hw
