#include "engine/backend/backend_set.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <system_error>

#include "engine/backend/nvidia/nvidia_backend.h"
#include "engine/backend/software/software_backend.h"
#include "engine/backend/vaapi/vaapi_backend.h"
#include "engine/backend/vaapi/vaapi_codecs.h"

namespace millrace::engine {

Result<std::unique_ptr<Backend>> open_backend(const std::string& device) {
  constexpr std::string_view kCuda = "cuda:";
  if (device == kCpu) return make_software_backend();
  if (device.starts_with(kCuda)) {
    int ordinal = 0;
    const auto [end, error] =
        std::from_chars(device.data() + kCuda.size(), device.data() + device.size(), ordinal);
    if (error == std::errc() && end == device.data() + device.size()) return open_nvidia_backend(ordinal);
  }
  if (device.starts_with("vaapi:")) return make_vaapi_backend(device);
  return Status(Code::unsupported, "this build has no backend for it");
}

Backends built_backends() {
  Backends built;
  add_nvidia(built);
  built.vaapi = true;
  built.vaapi_encodes = vaapi_encoders_here();
  built.ten_bit_encodes = {VideoCodec::hevc, VideoCodec::av1};
  return built;
}

Status BackendSet::add(Stage stage, const std::string& device, const OpenBackend& backend) {
  if (backends_.count(device) > 0) return {};
  auto opened = backend(device);
  if (!opened.ok())
    return blamed_on(stage, {opened.status().code(),
                             fmt::format("{} on {}: {}", name_of(stage), device, opened.status().message())});
  backends_[device] = std::move(*opened);
  return {};
}

Result<std::unique_ptr<BackendSet>> BackendSet::open(const Plan& plan, const OpenBackend& backend) {
  if (plan.decode_device != kCpu && plan.filter_device != plan.decode_device)
    return blamed_on(Stage::decode,
                     {Code::unsupported, fmt::format("decode on {}: its pictures cannot be filtered on {}",
                                                     plan.decode_device, plan.filter_device)});
  std::unique_ptr<BackendSet> set(new BackendSet);
  Status status = set->add(Stage::decode, std::string(kCpu), backend);
  if (status.ok()) status = set->add(Stage::decode, plan.decode_device, backend);
  if (status.ok()) status = set->add(Stage::filters, plan.filter_device, backend);
  for (const PlannedRendition& each : plan.renditions) {
    if (status.ok()) status = set->add(Stage::encode, each.encode_device, backend);
    if (!status.ok()) return status;
    // Devices do not read each other's memory.
    if (each.encode_device != kCpu && plan.filter_device != kCpu && each.encode_device != plan.filter_device)
      return blamed_on(Stage::encode,
                       {Code::unsupported, fmt::format("encode on {}: its pictures are filtered on {}",
                                                       each.encode_device, plan.filter_device)});
  }
  if (!status.ok()) return status;
  return set;
}

}  // namespace millrace::engine
