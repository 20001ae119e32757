// What a stage's failure on a device means: no room there now, something that it does not do, or a device
// that is gone. Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/plan/stage.h"

namespace millrace::engine {

// `error`: what libav returned, below 0. It hides more than it tells (AVERROR(EINVAL) is a wrong option as
// well as an encoder with all its sessions taken), so the line that libav logged beside it goes first, where
// it names what the driver said:
//   "OpenEncodeSessionEx failed: incompatible client key (21): (no details)"      NVENC's number,
//   nvEncodeAPI.h "cuvidCreateDecoder(...) failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory"   CUDA's name,
//   cuda.h "Failed to create decode context: 2 (resource allocation failed)."            VAAPI's number, va.h
// The status is blamed_on() the stage: resource_exhausted for want of sessions or memory, unsupported for
// what device, driver or build cannot do, device_lost for all else.
Status device_failure(Stage stage, std::string_view device, int error, std::string_view logged);

}  // namespace millrace::engine
