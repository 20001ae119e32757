#include "hw/nvenc_forms.h"

#include <ffnvcodec/nvEncodeAPI.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::hw {
namespace {

using MaxVersion = NVENCSTATUS(std::uint32_t*);
using CreateInstance = NVENCSTATUS(NV_ENCODE_API_FUNCTION_LIST*);

// NV_ENC_CODEC_AV1_GUID of Video Codec SDK 12; Debian 12's headers are of 11.1.
constexpr GUID kAv1 = {0x0a352289, 0x0aa7, 0x4759, {0x86, 0x2d, 0x5d, 0x15, 0xcd, 0x16, 0xd2, 0x54}};

// As NvEncodeAPIGetMaxSupportedVersion counts.
constexpr std::uint32_t version_word(std::uint32_t major, std::uint32_t minor) { return major << 4 | minor; }

const char* codec_of(const GUID& guid) {
  const auto same = [&](const GUID& other) { return std::memcmp(&guid, &other, sizeof guid) == 0; };
  if (same(NV_ENC_CODEC_H264_GUID)) return "h264";
  if (same(NV_ENC_CODEC_HEVC_GUID)) return "hevc";
  return same(kAv1) ? "av1" : nullptr;
}

// How the driver says that it opens no more sessions: out of memory (10) in older ones, incompatible client
// key (21) in newer ones.
bool is_no_capacity(NVENCSTATUS status) {
  return status == NV_ENC_ERR_OUT_OF_MEMORY || status == NV_ENC_ERR_INCOMPATIBLE_CLIENT_KEY;
}

std::string why_not(NVENCSTATUS status) {
  switch (status) {
    case NV_ENC_ERR_NO_ENCODE_DEVICE:
    case NV_ENC_ERR_UNSUPPORTED_DEVICE:
    case NV_ENC_ERR_DEVICE_NOT_EXIST:
      return fmt::format("this device has no NVENC (error {}); encoding runs on the CPU",
                         static_cast<int>(status));
    case NV_ENC_ERR_INVALID_VERSION:
      return "the driver does not take this program's NVENC interface (error 15); update the NVIDIA driver";
    default:
      break;
  }
  if (is_no_capacity(status)) {
    return fmt::format(
        "no NVENC session opens (error {}): other programs hold all that the driver allows, or the memory of "
        "the card; end some of them",
        static_cast<int>(status));
  }
  return fmt::format("no NVENC session opens (error {}); restart the machine or reinstall the NVIDIA driver",
                     static_cast<int>(status));
}

// The open sessions of one device; closes them when it goes.
class Sessions {
 public:
  Sessions(const NV_ENCODE_API_FUNCTION_LIST& api, void* context) : api_(api), context_(context) {}
  ~Sessions() {
    for (void* encoder : open_) api_.nvEncDestroyEncoder(encoder);
  }
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  NVENCSTATUS open_one_more() {
    NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS params{};
    params.version = NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS_VER;
    params.deviceType = NV_ENC_DEVICE_TYPE_CUDA;
    params.device = context_;
    params.apiVersion = NVENCAPI_VERSION;
    void* encoder = nullptr;
    const NVENCSTATUS status = api_.nvEncOpenEncodeSessionEx(&params, &encoder);
    if (status == NV_ENC_SUCCESS) open_.push_back(encoder);
    return status;
  }

  int count() const { return static_cast<int>(open_.size()); }

  std::vector<GUID> codecs() const {
    std::uint32_t count = 0;
    if (api_.nvEncGetEncodeGUIDCount(open_.front(), &count) != NV_ENC_SUCCESS) return {};
    std::vector<GUID> guids(count);
    if (api_.nvEncGetEncodeGUIDs(open_.front(), guids.data(), count, &count) != NV_ENC_SUCCESS) return {};
    guids.resize(std::min<std::size_t>(guids.size(), count));
    return guids;
  }

  // 0 where the driver does not know that capability.
  int capability(const GUID& codec, NV_ENC_CAPS which) const {
    NV_ENC_CAPS_PARAM param{};
    param.version = NV_ENC_CAPS_PARAM_VER;
    param.capsToQuery = which;
    int value = 0;
    const NVENCSTATUS status = api_.nvEncGetEncodeCaps(open_.front(), codec, &param, &value);
    return status == NV_ENC_SUCCESS ? value : 0;
  }

 private:
  const NV_ENCODE_API_FUNCTION_LIST& api_;
  void* context_;
  std::vector<void*> open_;
};

void add_forms(const Sessions& sessions, const GUID& guid, const char* codec, GpuFacts& gpu) {
  const auto ask = [&](NV_ENC_CAPS which) { return sessions.capability(guid, which); };
  EncodeForm encode;
  encode.form = {codec,
                 420,
                 8,
                 ask(NV_ENC_CAPS_WIDTH_MIN),
                 ask(NV_ENC_CAPS_HEIGHT_MIN),
                 ask(NV_ENC_CAPS_WIDTH_MAX),
                 ask(NV_ENC_CAPS_HEIGHT_MAX),
                 ask(NV_ENC_CAPS_MB_NUM_MAX)};
  encode.b_frames = ask(NV_ENC_CAPS_NUM_MAX_BFRAMES);
  const bool ten_bits = ask(NV_ENC_CAPS_SUPPORT_10BIT_ENCODE) != 0;
  const bool full_chroma = ask(NV_ENC_CAPS_SUPPORT_YUV444_ENCODE) != 0;
  for (const int chroma : {420, 444}) {
    for (const int bits : {8, 10}) {
      if ((chroma == 444 && !full_chroma) || (bits == 10 && !ten_bits)) continue;
      encode.form.chroma = chroma;
      encode.form.bits = bits;
      gpu.encodes.push_back(encode);
    }
  }
  gpu.engines.encode = std::max({gpu.engines.encode, 1, ask(NV_ENC_CAPS_NUM_ENCODER_ENGINES)});
}

// The functions of the driver, or why there are none.
std::optional<std::string> load_functions(const DriverLibrary& nvenc, NV_ENCODE_API_FUNCTION_LIST& api) {
  auto* const max_version = nvenc.function<MaxVersion>("NvEncodeAPIGetMaxSupportedVersion");
  auto* const create = nvenc.function<CreateInstance>("NvEncodeAPICreateInstance");
  std::uint32_t version = 0;
  if (max_version == nullptr || create == nullptr || max_version(&version) != NV_ENC_SUCCESS)
    return "libnvidia-encode.so.1 is not whole; reinstall the NVIDIA driver";
  if (version < version_word(NVENCAPI_MAJOR_VERSION, NVENCAPI_MINOR_VERSION)) {
    return fmt::format(
        "the driver's NVENC is version {}.{}, this program needs {}.{}; update the NVIDIA driver",
        version >> 4, version & 15, NVENCAPI_MAJOR_VERSION, NVENCAPI_MINOR_VERSION);
  }
  api.version = NV_ENCODE_API_FUNCTION_LIST_VER;
  if (const NVENCSTATUS status = create(&api); status != NV_ENC_SUCCESS) return why_not(status);
  return std::nullopt;
}

}  // namespace

void ask_nvenc(const DriverLibrary& nvenc, void* context, GpuFacts& gpu) {
  const auto absent = [&](std::string note) { gpu.absences.push_back({"encode", std::move(note)}); };
  if (!nvenc.loaded()) {
    absent(
        "libnvidia-encode.so.1 not found; install the NVIDIA driver's video libraries, in a container add "
        "the "
        "driver capability `video` (NVIDIA_DRIVER_CAPABILITIES=compute,video,utility)");
    return;
  }
  NV_ENCODE_API_FUNCTION_LIST api{};
  if (std::optional<std::string> trouble = load_functions(nvenc, api)) return absent(std::move(*trouble));
  Sessions sessions(api, context);
  if (const NVENCSTATUS status = sessions.open_one_more(); status != NV_ENC_SUCCESS) {
    if (is_no_capacity(status)) {
      gpu.engines.encode = 1;  // what they are is only told to an open session
      gpu.free_encode_sessions = 0;
    }
    return absent(why_not(status));
  }
  for (const GUID& guid : sessions.codecs())
    if (const char* const codec = codec_of(guid)) add_forms(sessions, guid, codec, gpu);
  while (sessions.count() < kSessionsTried)
    if (sessions.open_one_more() != NV_ENC_SUCCESS) {
      gpu.free_encode_sessions = sessions.count();
      break;
    }
}

}  // namespace millrace::hw
