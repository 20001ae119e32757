#include "hw/driver_probe.h"

#include "hw/nvidia_probe.h"
#include "hw/vaapi_probe.h"

namespace millrace::hw {

Inventory ask_drivers(std::string_view kind, const DriverNames& names, const ProbeRoots& roots) {
  Inventory inventory;
  inventory.gpus = kind == kNvidiaKind ? ask_nvidia(names, roots, inventory.absences)
                                       : ask_vaapi(names, roots, inventory.absences);
  return inventory;
}

}  // namespace millrace::hw
