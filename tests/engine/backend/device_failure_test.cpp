#include "engine/backend/device_failure.h"

#include <gtest/gtest.h>

#include "engine/pipeline/av.h"

namespace millrace::engine {
namespace {

struct Row {
  int error;
  const char* logged;
  Code code;
};

// Lines as libav and drivers write them; facts of who said what stand beside the tables.
TEST(DeviceFailure, TheDriversWordGoesBeforeLibavsNumber) {
  const Row rows[] = {
      {AVERROR(ENOMEM), "OpenEncodeSessionEx failed: out of memory (10): (no details)",
       Code::resource_exhausted},
      {AVERROR(EINVAL), "OpenEncodeSessionEx failed: incompatible client key (21): (no details)",
       Code::resource_exhausted},
      {AVERROR(ENOSYS), "OpenEncodeSessionEx failed: unsupported device (2): (no details)",
       Code::unsupported},
      {AVERROR(EINVAL), "InitializeEncoder failed: invalid param (8): Preset P1 to P7 not supported",
       Code::unsupported},
      {AVERROR_EXTERNAL, "EncodePicture failed!: generic error (20): ", Code::device_lost},
      {AVERROR_UNKNOWN, "cuvidCreateDecoder failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory",
       Code::resource_exhausted},
      {AVERROR_UNKNOWN, "cuModuleLoadData failed -> CUDA_ERROR_UNSUPPORTED_PTX_VERSION: the provided PTX",
       Code::unsupported},
      {AVERROR_UNKNOWN, "cuLaunchKernel failed -> CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access",
       Code::device_lost},
      {AVERROR_UNKNOWN, "cuCtxPushCurrent failed -> CUDA_ERROR_DEVICE_UNAVAILABLE", Code::device_lost},
      {AVERROR(EIO), "Failed to create decode context: 2 (resource allocation failed).",
       Code::resource_exhausted},
      {AVERROR(EIO), "Failed to create encode pipeline configuration: 12 (the requested VAProfile is not)",
       Code::unsupported},
      {AVERROR(EIO), "Failed to sync surface 0x4: 23 (internal decoding error).", Code::device_lost},
      {AVERROR(ENOMEM), "", Code::resource_exhausted},
      {AVERROR(EINVAL), "Option 'tune' not found", Code::unsupported},
      {AVERROR(ENOSYS), "No capable devices found", Code::unsupported},
      {AVERROR(EIO), "", Code::device_lost},
      {AVERROR(EAGAIN), "no pictures after 200 packets", Code::device_lost},
  };
  for (const Row& row : rows) {
    const Status status = device_failure(Stage::encode, "cuda:0", row.error, row.logged);
    EXPECT_EQ(status.code(), row.code) << row.logged;
    EXPECT_EQ(blamed_stage(status), Stage::encode) << row.logged;
  }
}

TEST(DeviceFailure, SaysStageDeviceAndWhatWasSaid) {
  EXPECT_EQ(device_failure(Stage::decode, "cuda:1", AVERROR(EIO), "it broke").message(),
            "decode on cuda:1: it broke");
  EXPECT_EQ(device_failure(Stage::filters, "vaapi:/dev/dri/renderD128", AVERROR(ENOMEM), "").message(),
            "filters on vaapi:/dev/dri/renderD128: Cannot allocate memory");
}

}  // namespace
}  // namespace millrace::engine
