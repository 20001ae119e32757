// Nvml asks NVIDIA's management library what the devices are doing (NVML API reference). Its header is no
// part of Debian, so the few functions that are used are declared in nvml.cpp. For the process that asks
// drivers.
#pragma once

#include <string>
#include <vector>

#include "hw/driver_library.h"
#include "hw/inventory.h"

namespace millrace::hw {

class Nvml {
 public:
  explicit Nvml(const DriverLibrary& library);
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  // Why nothing can be asked, and how to mend it; empty: it works.
  const std::string& trouble() const { return trouble_; }

  // "580.95.05"; empty where it is not told.
  std::string driver() const;

  // The device with that id (GpuFacts::id). What a device does not tell stays empty: a slice of a card knows
  // its memory alone.
  GpuLoad load(const std::string& id) const;

  // Cards that are cut into slices (MIG is on), by name.
  std::vector<std::string> sliced_cards() const;

 private:
  const DriverLibrary& library_;
  std::string trouble_;
};

}  // namespace millrace::hw
