#include "hw/nvml.h"

#include <fmt/format.h>

#include <array>

#include "hw/text_file.h"

namespace millrace::hw {
namespace {

// nvml.h: every function returns nvmlReturn_t, and 0 is success; nvmlDevice_t is a pointer.
using Device = void*;
struct Utilization {
  unsigned gpu;
  unsigned memory;
};
struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};
using NoArguments = int();
using Text = int(char*, unsigned);
using ErrorText = const char*(int);
using Count = int(unsigned*);
using ByIndex = int(unsigned, Device*);
using ByUuid = int(const char*, Device*);
using NameOf = int(Device, char*, unsigned);
using Numbers1 = int(Device, unsigned*);
using Numbers2 = int(Device, unsigned*, unsigned*);
using Numbers3 = int(Device, unsigned*, unsigned*, unsigned*);
using UtilizationOf = int(Device, Utilization*);
using MemoryOf = int(Device, Memory*);

constexpr int kSuccess = 0;
constexpr unsigned kMigOn = 1;  // NVML_DEVICE_MIG_ENABLE

// What the function answers; false where the library has no such function, or it refuses.
template <typename Function, typename... Arguments>
bool ask(const DriverLibrary& library, const char* name, Arguments... arguments) {
  auto* const function = library.function<Function>(name);
  return function != nullptr && function(arguments...) == kSuccess;
}

}  // namespace

Nvml::Nvml(const DriverLibrary& library) : library_(library) {
  if (!library.loaded()) {
    trouble_ =
        "libnvidia-ml.so.1 not found; install the NVIDIA driver's libraries, in a container add the driver "
        "capability `utility` (NVIDIA_DRIVER_CAPABILITIES=compute,video,utility)";
    return;
  }
  auto* const init = library.function<NoArguments>("nvmlInit_v2");
  if (init == nullptr) {
    trouble_ = "libnvidia-ml.so.1 is too old; update the NVIDIA driver";
    return;
  }
  if (const int error = init(); error != kSuccess) {
    auto* const words = library.function<ErrorText>("nvmlErrorString");
    trouble_ = fmt::format("NVML does not start: {} (error {}); restart the machine or reinstall the driver",
                           words == nullptr ? "no reason given" : words(error), error);
  }
}

Nvml::~Nvml() {
  if (trouble_.empty()) ask<NoArguments>(library_, "nvmlShutdown");
}

std::string Nvml::driver() const {
  std::array<char, 96> text{};
  const bool told = trouble_.empty() && ask<Text>(library_, "nvmlSystemGetDriverVersion", text.data(),
                                                  static_cast<unsigned>(text.size()));
  return told ? printable(text.data()) : std::string();
}

GpuLoad Nvml::load(const std::string& id) const {
  GpuLoad load;
  Device device = nullptr;
  if (!trouble_.empty() || !ask<ByUuid>(library_, "nvmlDeviceGetHandleByUUID", id.c_str(), &device))
    return load;
  Utilization utilization{};
  if (ask<UtilizationOf>(library_, "nvmlDeviceGetUtilizationRates", device, &utilization))
    load.compute_percent = static_cast<int>(utilization.gpu);
  unsigned value = 0;
  unsigned period_microseconds = 0;
  if (ask<Numbers2>(library_, "nvmlDeviceGetDecoderUtilization", device, &value, &period_microseconds))
    load.decode_percent = static_cast<int>(value);
  if (ask<Numbers2>(library_, "nvmlDeviceGetEncoderUtilization", device, &value, &period_microseconds))
    load.encode_percent = static_cast<int>(value);
  unsigned frames_per_second = 0;
  unsigned latency = 0;
  if (ask<Numbers3>(library_, "nvmlDeviceGetEncoderStats", device, &value, &frames_per_second, &latency))
    load.encode_sessions = static_cast<int>(value);
  Memory memory{};
  if (ask<MemoryOf>(library_, "nvmlDeviceGetMemoryInfo", device, &memory))
    load.memory_used_bytes = memory.used;
  if (ask<Numbers1>(library_, "nvmlDeviceGetPowerUsage", device, &value)) load.watts = value / 1000.0;
  return load;
}

std::vector<std::string> Nvml::sliced_cards() const {
  std::vector<std::string> cards;
  unsigned count = 0;
  if (!trouble_.empty() || !ask<Count>(library_, "nvmlDeviceGetCount_v2", &count)) return cards;
  for (unsigned index = 0; index < count; ++index) {
    Device device = nullptr;
    unsigned now = 0;
    unsigned after_restart = 0;
    std::array<char, 96> name{};
    if (ask<ByIndex>(library_, "nvmlDeviceGetHandleByIndex_v2", index, &device) &&
        ask<Numbers2>(library_, "nvmlDeviceGetMigMode", device, &now, &after_restart) && now == kMigOn &&
        ask<NameOf>(library_, "nvmlDeviceGetName", device, name.data(), static_cast<unsigned>(name.size())))
      cards.push_back(printable(name.data()));
  }
  return cards;
}

}  // namespace millrace::hw
