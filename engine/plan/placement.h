// Placement: on which device each stage of a range's pictures runs, and why. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/plan/cost.h"
#include "engine/plan/plan.h"
#include "engine/plan/stage.h"
#include "hw/inventory.h"

namespace millrace::engine {

// What a build can drive beside the CPU, and what its FFmpeg has encoders for there
// (engine/backend/backend_set.h).
struct Backends {
  bool nvidia = false;
  bool vaapi = false;
  // The normalisations that are built for NVIDIA's devices, beside tags of colours. A VAAPI driver tells its
  // own.
  std::vector<std::string> nvidia_steps = {};
  std::vector<VideoCodec> nvidia_encodes = {};
  std::vector<VideoCodec> vaapi_encodes = {};
  // Of these encoders, on devices of either kind, those that are used for 10 bits too, with their HDR.
  std::vector<VideoCodec> ten_bit_encodes = {};
};

// What a build encodes with on that device, in 10 bits or in 8.
std::vector<VideoCodec> encoders_for(const hw::GpuFacts& gpu, const Backends& backends, bool ten_bit);

// What placement knows beside the machine.
struct DeviceChoices {
  Backends backends = {};
  std::vector<StageFailure> failures = {};  // remembered of jobs before, and what is in quarantine
  CostModel costs = {};
};

// As a spec and a plan name it: "cuda:0", "vaapi:/dev/dri/renderD128".
std::string device_name(const hw::GpuFacts& gpu);
// As failures are remembered of it: what stays over restarts.
std::string device_id(const hw::GpuFacts& gpu);

// Where the plan has a stage of its renditions; of encoding, the first device that is not the CPU.
std::string device_of(const Plan& plan, Stage stage);

// Whether any stage of it is on a device.
bool uses_device(const Plan& plan);

// The devices that a job may use. `cpu_reason`: why there is none.
struct Candidates {
  std::vector<const hw::GpuFacts*> gpus;  // of the inventory
  std::string cpu_reason;
};
// unsupported at "device", with the inventory's note, when a device is asked for that is not there or that
// this build cannot drive.
Result<Candidates> candidates(const DevicePreference& asked, const hw::Inventory& machine,
                              const Backends& backends);

// Why each stage runs where the plan says.
struct PlacementReasons {
  std::string decode;
  std::string filters;               // and scaling
  std::vector<std::string> encodes;  // of the plan's renditions
  std::string alone;                 // of what is made in one go, on the CPU
  std::string overlays = {};         // why they are laid on the CPU, where a device does other stages
};

// Sets decode_device, filter_device and encode_device of a plan that is complete otherwise. All stages on a
// device run on the same one: the one that saves the most CPU time; of those that save as much, the least
// loaded. A device that was not asked for is left alone where opening it and copying pictures take longer
// than the CPU time that it saves. Pictures come down or go up for their overlays, never both: what saves
// more stays on the device, filters or encoders. unsupported at "device" where one was asked for and can do
// nothing of the renditions.
Result<PlacementReasons> place_pictures(Plan& plan, const DevicePreference& asked,
                                        const Candidates& candidates, const DeviceChoices& choices);

// Bytes of pictures that cross the bus in a second of the media.
struct BusTraffic {
  double down = 0;  // from a device
  double up = 0;
};
BusTraffic bus_traffic(const Plan& plan);

}  // namespace millrace::engine
