#include "tests/hw/fakes/fake_drivers.h"

#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_nvcuvid.h>
#include <ffnvcodec/nvEncodeAPI.h>
#include <va/va.h>
#include <va/va_vpp.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

using millrace::hw::FakeDevice;
using millrace::hw::FakeDrivers;
using millrace::hw::FakeProfile;

namespace {

FakeDrivers drivers;
int current = -1;  // the device whose context is current; -1: none

CUresult result(int code) { return static_cast<CUresult>(code); }

FakeDevice& device_of(CUdevice device) { return drivers.devices[static_cast<std::size_t>(device)]; }

// Contexts and sessions are numbers from 1, as pointers.
template <typename Pointer>
Pointer handle_of(int index) {
  return reinterpret_cast<Pointer>(static_cast<std::intptr_t>(index + 1));
}

int index_of(const void* handle) { return static_cast<int>(reinterpret_cast<std::intptr_t>(handle)) - 1; }

NVENCSTATUS open_session(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS* params, void** encoder) {
  if (params->version != NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS_VER) return NV_ENC_ERR_INVALID_VERSION;
  const int index = index_of(params->device);
  if (device_of(index).encode_engines == 0) return NV_ENC_ERR_UNSUPPORTED_DEVICE;
  if (drivers.sessions >= drivers.most_sessions) return static_cast<NVENCSTATUS>(drivers.session_error);
  ++drivers.sessions;
  *encoder = handle_of<void*>(index);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS close_session(void*) {
  --drivers.sessions;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS codec_count(void*, std::uint32_t* count) {
  *count = 2;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS codecs(void*, GUID* guids, std::uint32_t, std::uint32_t* count) {
  guids[0] = NV_ENC_CODEC_H264_GUID;
  guids[1] = NV_ENC_CODEC_HEVC_GUID;
  *count = 2;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS capability(void* encoder, GUID codec, NV_ENC_CAPS_PARAM* param, int* value) {
  const bool hevc = std::memcmp(&codec, &NV_ENC_CODEC_HEVC_GUID, sizeof codec) == 0;
  switch (param->capsToQuery) {
    case NV_ENC_CAPS_WIDTH_MAX:
    case NV_ENC_CAPS_HEIGHT_MAX:
      *value = hevc ? 8192 : 4096;
      return NV_ENC_SUCCESS;
    case NV_ENC_CAPS_NUM_MAX_BFRAMES:
      *value = hevc ? 5 : 4;
      return NV_ENC_SUCCESS;
    case NV_ENC_CAPS_SUPPORT_10BIT_ENCODE:
      *value = hevc ? 1 : 0;
      return NV_ENC_SUCCESS;
    case NV_ENC_CAPS_NUM_ENCODER_ENGINES:
      *value = device_of(index_of(encoder)).encode_engines;
      return NV_ENC_SUCCESS;
    default:
      return NV_ENC_ERR_UNSUPPORTED_PARAM;
  }
}

}  // namespace

extern "C" {

FakeDrivers* millrace_fake_drivers() { return &drivers; }

// ---- libcuda.so.1 ----

CUresult cuInit(unsigned) {
  const char* const way = std::getenv("FAKE_DRIVER");
  if (way != nullptr && std::string_view(way) == "crash") std::raise(SIGSEGV);
  return result(drivers.init_error);
}
CUresult cuDriverGetVersion(int* version) {
  *version = drivers.cuda_version;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetCount(int* count) {
  *count = static_cast<int>(drivers.devices.size());
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice* device, int index) {
  *device = index;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetName(char* name, int size, CUdevice device) {
  device_of(device).name.copy(name, static_cast<std::size_t>(size) - 1);
  return CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice device) {
  *bytes = device_of(device).memory_bytes;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute which, CUdevice device) {
  const bool major = which == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
  *value = major ? device_of(device).compute_major : device_of(device).compute_minor;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
  std::memset(uuid->bytes, 0, sizeof uuid->bytes);
  uuid->bytes[15] = static_cast<char>(device);
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice device) {
  cuDeviceGetUuid(uuid, device);
  uuid->bytes[0] = static_cast<char>(0xa1);
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  if (const int error = device_of(device).context_error) return result(error);
  ++drivers.contexts;
  *context = handle_of<CUcontext>(device);
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) {
  --drivers.contexts;
  return CUDA_SUCCESS;
}
CUresult cuCtxPushCurrent_v2(CUcontext context) {
  current = index_of(context);
  return CUDA_SUCCESS;
}
CUresult cuCtxPopCurrent_v2(CUcontext*) {
  current = -1;
  return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult, const char** name) {
  *name = "CUDA_ERROR_OF_A_FAKE";
  return CUDA_SUCCESS;
}

// ---- libnvcuvid.so.1 ----

CUresult cuvidGetDecoderCaps(CUVIDDECODECAPS* caps) {
  if (current < 0) return result(201);  // invalid context
  const FakeDevice& device = device_of(current);
  const auto found = std::find_if(device.decodes.begin(), device.decodes.end(), [&](const auto& each) {
    return each.codec == caps->eCodecType && each.chroma == caps->eChromaFormat &&
           each.bits_minus_8 == caps->nBitDepthMinus8;
  });
  if (found == device.decodes.end()) return CUDA_SUCCESS;
  caps->bIsSupported = 1;
  caps->nNumNVDECs = device.decode_engines;
  caps->nMinWidth = 48;
  caps->nMinHeight = 16;
  caps->nMaxWidth = found->most_width;
  caps->nMaxHeight = found->most_height;
  caps->nMaxMBCount = found->most_width * found->most_height / 256;
  return CUDA_SUCCESS;
}

// ---- libnvidia-encode.so.1 ----

NVENCSTATUS NvEncodeAPIGetMaxSupportedVersion(std::uint32_t* version) {
  *version = drivers.nvenc_version;
  return NV_ENC_SUCCESS;
}
NVENCSTATUS NvEncodeAPICreateInstance(NV_ENCODE_API_FUNCTION_LIST* list) {
  if (list->version != NV_ENCODE_API_FUNCTION_LIST_VER) return NV_ENC_ERR_INVALID_VERSION;
  list->nvEncOpenEncodeSessionEx = open_session;
  list->nvEncDestroyEncoder = close_session;
  list->nvEncGetEncodeGUIDCount = codec_count;
  list->nvEncGetEncodeGUIDs = codecs;
  list->nvEncGetEncodeCaps = capability;
  return NV_ENC_SUCCESS;
}

// ---- libnvidia-ml.so.1: nvmlReturn_t is an int here, 3 is not supported ----

int nvmlInit_v2() { return drivers.nvml_error; }
int nvmlShutdown() { return 0; }
const char* nvmlErrorString(int) { return "Driver Not Loaded"; }
int nvmlSystemGetDriverVersion(char* text, unsigned size) {
  std::string_view("580.95.05").copy(text, size - 1);
  return 0;
}
// The last digits of the id are the device's number, as cuDeviceGetUuid makes them.
int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
  const std::size_t index = std::strtoul(uuid + std::strlen(uuid) - 2, nullptr, 16);
  if (index >= drivers.devices.size()) return 6;  // not found
  *device = &drivers.devices[index];
  return 0;
}
int nvmlDeviceGetUtilizationRates(void*, unsigned* percents) {
  percents[0] = 56;
  percents[1] = 7;
  return 0;
}
int nvmlDeviceGetDecoderUtilization(void* device, unsigned* percent, unsigned*) {
  *percent = static_cast<FakeDevice*>(device)->decode_percent;
  return 0;
}
// As under MIG, where the encoder's is not told.
int nvmlDeviceGetEncoderUtilization(void* device, unsigned* percent, unsigned*) {
  const auto* const fake = static_cast<FakeDevice*>(device);
  *percent = fake->encode_percent;
  return fake->name.find(" MIG ") == std::string::npos ? 0 : 3;
}
int nvmlDeviceGetEncoderStats(void*, unsigned* sessions, unsigned* fps, unsigned* latency) {
  *sessions = 2;
  *fps = 30;
  *latency = 1000;
  return 0;
}
int nvmlDeviceGetMemoryInfo(void*, unsigned long long* total_free_used) {
  total_free_used[2] = 512ULL << 20;
  return 0;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 16'500;
  return 0;
}
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 1;
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned, void** device) {
  *device = nullptr;
  return 0;
}
int nvmlDeviceGetMigMode(void*, unsigned* now, unsigned* after_restart) {
  *now = *after_restart = drivers.sliced_without_slices ? 1 : 0;
  return 0;
}
int nvmlDeviceGetName(void*, char* name, unsigned size) {
  std::string_view("NVIDIA A100-SXM4-40GB").copy(name, size - 1);
  return 0;
}

// ---- libva.so.2 and libva-drm.so.2 ----

VADisplay vaGetDisplayDRM(int descriptor) {
  if (descriptor < 0) return nullptr;
  ++drivers.displays;
  return &drivers;
}
VAStatus vaInitialize(VADisplay, int* major, int* minor) {
  *major = 1;
  *minor = 17;
  return drivers.va_error;
}
VAStatus vaTerminate(VADisplay) {
  --drivers.displays;
  return VA_STATUS_SUCCESS;
}
const char* vaQueryVendorString(VADisplay) { return drivers.va_vendor.c_str(); }
const char* vaErrorStr(VAStatus) { return "unknown libva error"; }
int vaMaxNumProfiles(VADisplay) { return 64; }
int vaMaxNumEntrypoints(VADisplay) { return 16; }
VAStatus vaQueryConfigProfiles(VADisplay, VAProfile* list, int* count) {
  *count = 0;
  for (const FakeProfile& each : drivers.va_profiles)
    if (std::find(list, list + *count, each.profile) == list + *count)
      list[(*count)++] = static_cast<VAProfile>(each.profile);
  return VA_STATUS_SUCCESS;
}
VAStatus vaQueryConfigEntrypoints(VADisplay, VAProfile profile, VAEntrypoint* list, int* count) {
  *count = 0;
  for (const FakeProfile& each : drivers.va_profiles)
    if (each.profile == profile) list[(*count)++] = static_cast<VAEntrypoint>(each.entrypoint);
  return VA_STATUS_SUCCESS;
}
VAStatus vaGetConfigAttributes(VADisplay, VAProfile profile, VAEntrypoint entrypoint, VAConfigAttrib* list,
                               int count) {
  for (const FakeProfile& each : drivers.va_profiles) {
    if (each.profile != profile || each.entrypoint != static_cast<int>(entrypoint)) continue;
    for (VAConfigAttrib* attribute = list; attribute != list + count; ++attribute) {
      switch (attribute->type) {
        case VAConfigAttribRTFormat:
          attribute->value = each.surfaces;
          break;
        case VAConfigAttribMaxPictureWidth:
        case VAConfigAttribMaxPictureHeight:
          attribute->value = each.most_width;
          break;
        case VAConfigAttribEncMaxRefFrames:
          attribute->value = each.reference_frames;
          break;
        default:
          attribute->value = VA_ATTRIB_NOT_SUPPORTED;
      }
    }
    return VA_STATUS_SUCCESS;
  }
  return VA_STATUS_ERROR_UNSUPPORTED_PROFILE;
}
VAStatus vaCreateConfig(VADisplay, VAProfile, VAEntrypoint, VAConfigAttrib*, int, VAConfigID* config) {
  *config = 1;
  return VA_STATUS_SUCCESS;
}
VAStatus vaDestroyConfig(VADisplay, VAConfigID) { return VA_STATUS_SUCCESS; }
VAStatus vaCreateContext(VADisplay, VAConfigID, int, int, int, VASurfaceID*, int, VAContextID* context) {
  ++drivers.va_contexts;
  *context = 1;
  return VA_STATUS_SUCCESS;
}
VAStatus vaDestroyContext(VADisplay, VAContextID) {
  --drivers.va_contexts;
  return VA_STATUS_SUCCESS;
}
VAStatus vaQueryVideoProcFilters(VADisplay, VAContextID, VAProcFilterType* list, unsigned* count) {
  *count = 0;
  for (const int filter : drivers.va_filters) list[(*count)++] = static_cast<VAProcFilterType>(filter);
  return VA_STATUS_SUCCESS;
}

}  // extern "C"
