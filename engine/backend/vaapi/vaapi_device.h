// VaapiDevice: a render node that is open, and what its driver tells of encoding. Safe to use from any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/pipeline/av.h"
#include "hw/driver_library.h"

namespace millrace::engine {

// How a driver encodes one form of video.
struct VaEncoding {
  bool low_power = false;   // by the fixed-function encoder alone (EncSliceLP)
  unsigned rate_modes = 0;  // VA_RC_* that it knows, va.h
  int quality_levels = 0;   // its speeds: 1 is the best, this one the fastest; 0: it has but one
};

class VaapiDevice {
 public:
  // `name` as plans have it: "vaapi:/dev/dri/renderD128". device_lost when node or driver do not open: they
  // did when the machine was asked. Blocks while the driver starts.
  static Result<VaapiDevice> open(std::string_view name);
  // A device that is open already.
  VaapiDevice(std::string name, BufferPtr context);

  const std::string& name() const { return name_; }
  AVBufferRef& context() const { return *context_; }  // an AVHWDeviceContext

  // unsupported where it does not encode that.
  Result<VaEncoding> encoding(VideoCodec codec, bool ten_bit) const;

 private:
  std::string name_;
  BufferPtr context_;
  hw::DriverLibrary libva_;  // libavutil has it open, too
};

}  // namespace millrace::engine
