// The backend of an Intel or AMD GPU: libavcodec's and libavfilter's VAAPI stages.
#pragma once

#include <memory>
#include <string_view>

#include "engine/backend/backend.h"
#include "engine/backend/vaapi/vaapi_device.h"

namespace millrace::engine {

// `device` as plans name it: "vaapi:/dev/dri/renderD128". Fails as VaapiDevice::open does.
Result<std::unique_ptr<Backend>> make_vaapi_backend(std::string_view device);

// Of a device that is open.
std::unique_ptr<Backend> make_vaapi_backend(VaapiDevice device);

}  // namespace millrace::engine
