#include "engine/backend/device_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>

#include "engine/pipeline/av.h"

namespace millrace::engine {
namespace {

struct Numbered {
  int number;
  Code code;
};
struct Named {
  std::string_view name;
  Code code;
};

// NVENCSTATUS. 10: out of memory, by which older drivers also mean their sessions; 21: the newer ones do.
constexpr std::array kNvenc = std::to_array<Numbered>({
    {1, Code::unsupported},          // no encode device
    {2, Code::unsupported},          // unsupported device
    {8, Code::unsupported},          // invalid param
    {10, Code::resource_exhausted},  // out of memory
    {12, Code::unsupported},         // unsupported param
    {15, Code::unsupported},         // invalid version: the driver is too old
    {18, Code::resource_exhausted},  // encoder busy
    {21, Code::resource_exhausted},  // incompatible client key
    {22, Code::unsupported},         // unimplemented
});

constexpr std::array kCuda = std::to_array<Named>({
    {"CUDA_ERROR_OUT_OF_MEMORY", Code::resource_exhausted},
    {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", Code::unsupported},  // a kernel that wants more than a card has
    {"CUDA_ERROR_NOT_SUPPORTED", Code::unsupported},
    {"CUDA_ERROR_INVALID_VALUE", Code::unsupported},
    {"CUDA_ERROR_INVALID_IMAGE", Code::unsupported},  // kernels and driver do not fit
    {"CUDA_ERROR_NO_BINARY_FOR_GPU", Code::unsupported},
    {"CUDA_ERROR_INVALID_PTX", Code::unsupported},
    {"CUDA_ERROR_UNSUPPORTED_PTX_VERSION", Code::unsupported},
    {"CUDA_ERROR_JIT_COMPILER_NOT_FOUND", Code::unsupported},
    {"CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", Code::unsupported},
    {"CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE", Code::unsupported},
});

// VAStatus.
constexpr std::array kVaapi = std::to_array<Numbered>({
    {0x02, Code::resource_exhausted},  // allocation failed
    {0x0a, Code::unsupported},         // attribute
    {0x0b, Code::resource_exhausted},  // max number exceeded
    {0x0c, Code::unsupported},         // profile
    {0x0d, Code::unsupported},         // entrypoint
    {0x0e, Code::unsupported},         // render target format
    {0x12, Code::unsupported},         // invalid parameter
    {0x13, Code::unsupported},         // resolution
    {0x14, Code::unsupported},         // unimplemented
    {0x20, Code::unsupported},         // filter
    {0x22, Code::resource_exhausted},  // hardware busy
    {0x24, Code::unsupported},         // memory type
});

template <class Table>
Code code_in(const Table& table, int number) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Numbered& each) { return each.number == number; });
  return found == table.end() ? Code::device_lost : found->code;
}

// The number that stands between `before` and `after`, wherever that first is one.
std::optional<int> number_between(std::string_view text, std::string_view before, std::string_view after) {
  for (auto at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
    const std::string_view rest = text.substr(at + before.size());
    int number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error == std::errc() && rest.substr(static_cast<std::size_t>(end - rest.data())).starts_with(after))
      return number;
  }
  return std::nullopt;
}

std::optional<Code> code_logged(std::string_view logged) {
  if (const auto at = logged.find("CUDA_ERROR_"); at != std::string_view::npos) {
    const auto end = logged.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", at);
    const std::string_view name = logged.substr(at, end - at);
    const auto* found =
        std::find_if(kCuda.begin(), kCuda.end(), [&](const Named& each) { return each.name == name; });
    return found == kCuda.end() ? Code::device_lost : found->code;
  }
  if (const auto nvenc = number_between(logged, " (", ")")) return code_in(kNvenc, *nvenc);
  if (const auto vaapi = number_between(logged, ": ", " (")) return code_in(kVaapi, *vaapi);
  return std::nullopt;
}

Code code_of(int error) {
  if (error == AVERROR(ENOMEM)) return Code::resource_exhausted;
  if (error == AVERROR(ENOSYS) || error == AVERROR(EINVAL) || error == AVERROR(ENOTSUP))
    return Code::unsupported;
  return Code::device_lost;
}

}  // namespace

Status device_failure(Stage stage, std::string_view device, int error, std::string_view logged) {
  const Code code = code_logged(logged).value_or(code_of(error));
  return blamed_on(stage, {code, fmt::format("{} on {}: {}", name_of(stage), device,
                                             logged.empty() ? av_error_text(error) : std::string(logged))});
}

}  // namespace millrace::engine
