// FakeDrivers is what the fake driver libraries answer: CUDA, NVDEC, NVENC, NVML and VAAPI, all in one
// library that tests load in place of each. Plain data that a test fills in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace millrace::hw {

// A form that NVDEC decodes, in its own words (dynlink_cuviddec.h).
struct FakeDecode {
  int codec;   // cudaVideoCodec
  int chroma;  // cudaVideoChromaFormat
  unsigned bits_minus_8;
  unsigned most_width;
  unsigned most_height;
};

// By default as an L4 with driver 580.
struct FakeDevice {
  std::string name = "NVIDIA L4";
  std::size_t memory_bytes = std::size_t{24} << 30;
  int compute_major = 8;
  int compute_minor = 9;
  int context_error = 0;  // a CUresult
  unsigned char decode_engines = 4;
  std::vector<FakeDecode> decodes = {{4, 1, 0, 4096, 4096}, {8, 1, 0, 8192, 8192}, {8, 1, 2, 8192, 8192}};
  int encode_engines = 2;  // 0: opening a session gives unsupported device (2)
  unsigned decode_percent = 12;
  unsigned encode_percent = 34;
};

// A profile of VAAPI with one entrypoint.
struct FakeProfile {
  int profile;     // VAProfile
  int entrypoint;  // VAEntrypoint
  unsigned surfaces;
  unsigned most_width = 4096;
  unsigned reference_frames = 0;
};

struct FakeDrivers {
  int init_error = 0;  // a CUresult
  int cuda_version = 13000;
  std::vector<FakeDevice> devices = {FakeDevice{}};
  unsigned nvenc_version = 13 << 4;
  int most_sessions = 1000;  // over all devices
  int session_error = 21;    // an NVENCSTATUS, for each above that
  int nvml_error = 0;
  bool sliced_without_slices = false;

  int va_error = 0;
  std::string va_vendor = "Fake driver 1.0";
  std::vector<FakeProfile> va_profiles;
  std::vector<int> va_filters;  // VAProcFilterType

  // What is open now.
  int contexts = 0;
  int sessions = 0;
  int displays = 0;
  int va_contexts = 0;
};

}  // namespace millrace::hw

// Shared by all who load the library. The environment variable FAKE_DRIVER=crash makes cuInit crash.
extern "C" millrace::hw::FakeDrivers* millrace_fake_drivers();
using FakeDriversOf = millrace::hw::FakeDrivers*();
