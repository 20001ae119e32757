#include "hw/driver_probe.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <va/va.h>
#include <va/va_vpp.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>

#include "tests/hw/fake_tree.h"
#include "tests/hw/fakes/fake_drivers.h"

namespace millrace::hw {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kNoLibrary = "/nowhere/libmillrace-has-no-such-library.so.1";

// The drivers are fakes that a test sets up; what they hand out must be given back.
class DriverProbe : public ::testing::Test {
 protected:
  DriverProbe() {
    void* const library = ::dlopen(MILLRACE_FAKE_DRIVERS, RTLD_NOW | RTLD_LOCAL);
    auto* const fakes = library == nullptr
                            ? nullptr
                            : reinterpret_cast<FakeDriversOf*>(::dlsym(library, "millrace_fake_drivers"));
    EXPECT_NE(fakes, nullptr) << ::dlerror();
    if (fakes != nullptr) drivers = fakes();
    *drivers = FakeDrivers{};
    ::unsetenv("CUDA_VISIBLE_DEVICES");
  }
  ~DriverProbe() override {
    EXPECT_EQ(drivers->contexts, 0);
    EXPECT_EQ(drivers->sessions, 0);
    EXPECT_EQ(drivers->displays, 0);
    EXPECT_EQ(drivers->va_contexts, 0);
    *drivers = FakeDrivers{};
  }

  Inventory nvidia() { return ask_drivers(kNvidiaKind, names, tree.roots()); }
  Inventory vaapi() { return ask_drivers(kVaapiKind, names, tree.roots()); }

  // Of the one device that there must be.
  GpuFacts only_nvidia() {
    const Inventory machine = nvidia();
    EXPECT_THAT(machine.gpus, SizeIs(1));
    EXPECT_THAT(machine.absences, IsEmpty());
    return machine.gpus.empty() ? GpuFacts{} : machine.gpus.front();
  }
  GpuFacts only_vaapi() {
    const Inventory machine = vaapi();
    EXPECT_THAT(machine.gpus, SizeIs(1));
    return machine.gpus.empty() ? GpuFacts{} : machine.gpus.front();
  }

  // Why there is no device at all.
  static std::string note(const Inventory& machine) {
    EXPECT_THAT(machine.gpus, IsEmpty());
    EXPECT_THAT(machine.absences, SizeIs(1));
    return machine.absences.empty() ? "" : machine.absences.front().note;
  }
  static std::string note(const GpuFacts& gpu, const std::string& what) {
    const std::string* const found = absence_note(gpu, what);
    return found == nullptr ? "none" : *found;
  }

  void put_render_node(const std::string& name, const std::string& vendor) {
    tree.put("dev/dri/" + name, "");
    tree.put("sys/class/drm/" + name + "/device/vendor", vendor + "\n");
  }

  FakeDrivers without_a_library;
  FakeDrivers* drivers = &without_a_library;
  FakeTree tree;
  DriverNames names{MILLRACE_FAKE_DRIVERS, MILLRACE_FAKE_DRIVERS, MILLRACE_FAKE_DRIVERS,
                    MILLRACE_FAKE_DRIVERS, MILLRACE_FAKE_DRIVERS, MILLRACE_FAKE_DRIVERS};
};

TEST_F(DriverProbe, AnNvidiaDeviceIsDescribedByItsDriver) {
  const GpuFacts gpu = only_nvidia();
  EXPECT_EQ(gpu.vendor, "nvidia");
  EXPECT_EQ(gpu.name, "NVIDIA L4");
  EXPECT_EQ(gpu.index, 0);
  EXPECT_EQ(gpu.memory_bytes, std::uint64_t{24} << 30);
  EXPECT_EQ(gpu.driver, "580.95.05");
  EXPECT_EQ(gpu.engines, (GpuEngines{4, 2}));
  EXPECT_EQ(gpu.id, "GPU-00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(gpu.mig, "");
  EXPECT_EQ(gpu.compute, 89);
  EXPECT_EQ(gpu.cuda, 13000);
  EXPECT_THAT(gpu.decodes, ElementsAre(VideoForm{"h264", 420, 8, 48, 16, 4096, 4096, 65536},
                                       VideoForm{"hevc", 420, 8, 48, 16, 8192, 8192, 262144},
                                       VideoForm{"hevc", 420, 10, 48, 16, 8192, 8192, 262144}));
  EXPECT_THAT(gpu.encodes, ElementsAre(EncodeForm{{"h264", 420, 8, 0, 0, 4096, 4096, 0}, 4, false},
                                       EncodeForm{{"hevc", 420, 8, 0, 0, 8192, 8192, 0}, 5, false},
                                       EncodeForm{{"hevc", 420, 10, 0, 0, 8192, 8192, 0}, 5, false}));
  EXPECT_EQ(gpu.free_encode_sessions, std::nullopt) << "all that were tried opened";
  EXPECT_EQ(gpu.load, (GpuLoad{56, 12, 34, 2, std::uint64_t{512} << 20, 16.5}));
  EXPECT_THAT(gpu.absences, IsEmpty());
}

TEST_F(DriverProbe, EachOfSeveralDevicesIsItself) {
  drivers->devices.resize(3);
  drivers->devices[1].name = "NVIDIA H200";
  drivers->devices[1].decode_percent = 90;
  drivers->devices[2].context_error = 46;
  const Inventory machine = nvidia();
  ASSERT_THAT(machine.gpus, SizeIs(2));
  EXPECT_EQ(machine.gpus[1].index, 1);
  EXPECT_EQ(machine.gpus[1].name, "NVIDIA H200");
  EXPECT_EQ(machine.gpus[1].load.decode_percent, 90);
  EXPECT_NE(machine.gpus[1].id, machine.gpus[0].id);
  ASSERT_THAT(machine.absences, SizeIs(1)) << "a device that another program holds alone";
  EXPECT_THAT(machine.absences[0].note,
              AllOf(StartsWith("device 2, NVIDIA L4: no CUDA context opens"), HasSubstr("compute mode")));
}

TEST_F(DriverProbe, SessionsAreCountedUntilTheDriverRefuses) {
  drivers->most_sessions = 8;
  for (const int error : {21, 10}) {
    drivers->session_error = error;
    const GpuFacts gpu = only_nvidia();
    EXPECT_EQ(gpu.free_encode_sessions, 8) << "as GeForce drivers from 2024 on, error " << error;
    EXPECT_THAT(gpu.absences, IsEmpty());
    EXPECT_EQ(gpu.engines.encode, 2);
  }
}

TEST_F(DriverProbe, SessionsThatOthersHoldAreNoCapacity) {
  drivers->most_sessions = 0;
  for (const int error : {21, 10}) {
    drivers->session_error = error;
    const GpuFacts gpu = only_nvidia();
    EXPECT_EQ(gpu.free_encode_sessions, 0);
    EXPECT_EQ(gpu.engines.encode, 1) << "it has an encoder, which is taken";
    EXPECT_THAT(note(gpu, "encode"), HasSubstr("end some of them"));
  }
}

TEST_F(DriverProbe, ADeviceWithoutAnEncoderSaysSo) {
  drivers->devices[0].encode_engines = 0;
  const GpuFacts gpu = only_nvidia();
  EXPECT_EQ(gpu.engines, (GpuEngines{4, 0}));
  EXPECT_THAT(gpu.encodes, IsEmpty());
  EXPECT_EQ(gpu.free_encode_sessions, std::nullopt);
  EXPECT_EQ(note(gpu, "encode"), "this device has no NVENC (error 2); encoding runs on the CPU");
}

TEST_F(DriverProbe, AnEncoderThatFailsOtherwiseIsNoCapacityQuestion) {
  drivers->most_sessions = 0;
  drivers->session_error = 20;
  const GpuFacts gpu = only_nvidia();
  EXPECT_EQ(gpu.engines.encode, 0);
  EXPECT_EQ(gpu.free_encode_sessions, std::nullopt);
  EXPECT_THAT(note(gpu, "encode"), StartsWith("no NVENC session opens (error 20); restart"));
}

TEST_F(DriverProbe, ADriverTooOldToEncodeIsToBeUpdated) {
  drivers->nvenc_version = 10 << 4 | 1;
  const GpuFacts gpu = only_nvidia();
  EXPECT_THAT(note(gpu, "encode"),
              AllOf(StartsWith("the driver's NVENC is version 10.1"), HasSubstr("update")));
  EXPECT_EQ(gpu.engines, (GpuEngines{4, 0}));
}

TEST_F(DriverProbe, ASliceSaysWhatItIsAndLacks) {
  FakeDevice& slice = drivers->devices[0];
  slice.name = "NVIDIA A100-SXM4-40GB MIG 1g.5gb";
  slice.decodes.clear();
  slice.encode_engines = 0;
  const GpuFacts gpu = only_nvidia();
  EXPECT_EQ(gpu.mig, "1g.5gb");
  EXPECT_EQ(gpu.id, "MIG-a1000000-0000-0000-0000-000000000000") << "its own, not the card's";
  EXPECT_EQ(gpu.engines, (GpuEngines{0, 0}));
  EXPECT_THAT(note(gpu, "decode"), StartsWith("this slice 1g.5gb has no decoder"));
  EXPECT_EQ(gpu.load.encode_percent, std::nullopt);
}

TEST_F(DriverProbe, AnEngineForJpegIsNoVideoDecoder) {
  drivers->devices[0].decodes = {{5, 1, 0, 32768, 16384}};  // cudaVideoCodec_JPEG
  const GpuFacts gpu = only_nvidia();
  EXPECT_THAT(gpu.decodes, ElementsAre(VideoForm{"mjpeg", 420, 8, 48, 16, 32768, 16384, 2097152}));
  EXPECT_EQ(gpu.engines.decode, 0);
  EXPECT_THAT(note(gpu, "decode"), StartsWith("the driver decodes no video on this device"));
}

TEST_F(DriverProbe, AMissingLibraryCostsOnlyItsPart) {
  names.nvcuvid = kNoLibrary;
  EXPECT_THAT(note(only_nvidia(), "decode"),
              AllOf(HasSubstr("libnvcuvid.so.1 not found"), HasSubstr("`video`")));
  names.nvenc = kNoLibrary;
  EXPECT_THAT(note(only_nvidia(), "encode"),
              AllOf(HasSubstr("libnvidia-encode.so.1 not found"), HasSubstr("`video`")));
  names.nvml = kNoLibrary;
  const GpuFacts gpu = only_nvidia();
  EXPECT_THAT(note(gpu, "load"), AllOf(HasSubstr("libnvidia-ml.so.1 not found"), HasSubstr("`utility`")));
  EXPECT_EQ(gpu.load, GpuLoad{});
  EXPECT_EQ(gpu.compute, 89);
}

TEST_F(DriverProbe, ALibraryWithoutItsFunctionsIsNotCalled) {
  names.nvcuvid = names.nvenc = names.nvml = "libc.so.6";
  const GpuFacts gpu = only_nvidia();
  EXPECT_THAT(note(gpu, "decode"), HasSubstr("too old"));
  EXPECT_THAT(note(gpu, "encode"), HasSubstr("not whole"));
  EXPECT_THAT(note(gpu, "load"), HasSubstr("too old"));
  names.cuda = "libc.so.6";
  EXPECT_THAT(note(nvidia()), HasSubstr("libcuda.so.1 is not whole or too old"));
}

TEST_F(DriverProbe, NvmlThatDoesNotStartTellsWhy) {
  drivers->nvml_error = 9;
  EXPECT_THAT(note(only_nvidia(), "load"), StartsWith("NVML does not start: Driver Not Loaded (error 9)"));
}

TEST_F(DriverProbe, WithoutCudaTheDriverIsToBeInstalled) {
  names.cuda = kNoLibrary;
  EXPECT_THAT(note(nvidia()), StartsWith("libcuda.so.1 not found; install the NVIDIA driver"));
}

TEST_F(DriverProbe, EachErrorOfCudaHasItsMend) {
  const std::pair<int, const char*> mends[] = {{34, "stub"},
                                               {304, "sandbox"},
                                               {802, "fabricmanager"},
                                               {803, "restart the machine"},
                                               {804, "compatibility"},
                                               {999, "modprobe nvidia-uvm"},
                                               {1, "reinstall the NVIDIA driver"}};
  for (const auto& [error, mend] : mends) {
    drivers->init_error = error;
    EXPECT_THAT(note(nvidia()),
                AllOf(StartsWith("CUDA does not start: CUDA_ERROR_OF_A_FAKE"), HasSubstr(mend)))
        << error;
  }
}

TEST_F(DriverProbe, NoDeviceIsExplainedByWhatHidesIt) {
  drivers->init_error = 100;
  EXPECT_THAT(note(nvidia()), AllOf(HasSubstr("modprobe nvidia"), HasSubstr("--gpus all")));
  tree.put("dev/nvidia0", "");
  tree.put("dev/nvidiactl", "");
  tree.device_errors["nvidiactl"] = EACCES;
  EXPECT_THAT(note(nvidia()), StartsWith("no permission on nvidiactl"));
  tree.device_errors["nvidiactl"] = EIO;
  EXPECT_THAT(note(nvidia()), StartsWith("nvidiactl does not open: Input/output error"));
  tree.device_errors.clear();
  EXPECT_THAT(note(nvidia()), StartsWith("the driver shows no device"));
  drivers->sliced_without_slices = true;
  EXPECT_THAT(note(nvidia()), StartsWith("MIG is on for NVIDIA A100-SXM4-40GB, but it has no slice"));
  drivers->init_error = 0;
  drivers->devices.clear();
  EXPECT_THAT(note(nvidia()), StartsWith("MIG is on")) << "a driver that starts without a device";
  ::setenv("CUDA_VISIBLE_DEVICES", "7", 1);
  EXPECT_EQ(note(nvidia()), "CUDA_VISIBLE_DEVICES=7 hides every device; unset it");
  ::unsetenv("CUDA_VISIBLE_DEVICES");
}

TEST_F(DriverProbe, AVaapiDeviceIsDescribedByItsDriver) {
  tree.put("dev/dri/renderD128", "");
  tree.put("sys/bus/0000:03:00.0/vendor", "0x8086\n");
  tree.put("sys/bus/0000:03:00.0/device", "0x56a5\n");
  std::filesystem::create_directories(tree.path("sys/class/drm/renderD128"));
  std::filesystem::create_directory_symlink("../../../bus/0000:03:00.0",
                                            tree.path("sys/class/drm/renderD128/device"));
  drivers->va_profiles = {{VAProfileNone, VAEntrypointVideoProc, 0},
                          {VAProfileH264ConstrainedBaseline, VAEntrypointVLD, VA_RT_FORMAT_YUV420, 2048},
                          {VAProfileH264High, VAEntrypointVLD, VA_RT_FORMAT_YUV420},
                          {VAProfileH264High, VAEntrypointEncSliceLP, VA_RT_FORMAT_YUV420, 4096, 1 << 16 | 3},
                          {VAProfileHEVCMain, VAEntrypointEncSlice, VA_RT_FORMAT_YUV420, 8192, 3},
                          {VAProfileHEVCMain, VAEntrypointEncSliceLP, VA_RT_FORMAT_YUV420, 4096, 3},
                          {VAProfileAV1Profile0, VAEntrypointVLD, VA_RT_FORMAT_YUV420, 8192}};
  drivers->va_filters = {VAProcFilterDeinterlacing, VAProcFilterSharpening,
                         VAProcFilterHighDynamicRangeToneMapping};
  const GpuFacts gpu = only_vaapi();
  EXPECT_EQ(gpu.vendor, "intel");
  EXPECT_EQ(gpu.name, "intel GPU 8086:56a5");
  EXPECT_EQ(gpu.driver, "Fake driver 1.0");
  EXPECT_EQ(gpu.id, "0000:03:00.0");
  EXPECT_EQ(gpu.node, tree.path("dev/dri/renderD128"));
  EXPECT_EQ(gpu.memory_bytes, 0U);
  EXPECT_EQ(gpu.engines, (GpuEngines{1, 1}));
  EXPECT_THAT(gpu.decodes, ElementsAre(VideoForm{"h264", 420, 8, 0, 0, 4096, 4096, 0},
                                       VideoForm{"av1", 420, 8, 0, 0, 8192, 8192, 0}))
      << "a codec once, by its best profile; AV1 without 10 bits, for which it has no surfaces";
  EXPECT_THAT(gpu.encodes, ElementsAre(EncodeForm{{"h264", 420, 8, 0, 0, 4096, 4096, 0}, 1, true},
                                       EncodeForm{{"hevc", 420, 8, 0, 0, 8192, 8192, 0}, 0, false}))
      << "the full encoder before the low-power one";
  EXPECT_THAT(gpu.filters, ElementsAre("scale", "deinterlace", "tone_map"));
}

TEST_F(DriverProbe, ADecoderAloneLacksTheEncoder) {
  put_render_node("renderD128", "0x1002");
  drivers->va_profiles = {{VAProfileHEVCMain10, VAEntrypointVLD, VA_RT_FORMAT_YUV420_10}};
  const GpuFacts gpu = only_vaapi();
  EXPECT_EQ(gpu.engines, (GpuEngines{1, 0}));
  EXPECT_THAT(gpu.decodes, ElementsAre(VideoForm{"hevc", 420, 10, 0, 0, 4096, 4096, 0}));
  EXPECT_THAT(note(gpu, "encode"), StartsWith("the driver encodes nothing on this device"));
  EXPECT_THAT(gpu.filters, IsEmpty());
}

TEST_F(DriverProbe, EachRenderNodeCountsForItself) {
  put_render_node("renderD128", "0x10de");
  put_render_node("renderD129", "0x8086");
  put_render_node("renderD130", "0x1234");
  tree.put("dev/dri/card0", "");
  tree.device_errors["renderD129"] = EACCES;
  drivers->va_profiles = {{VAProfileH264High, VAEntrypointVLD, VA_RT_FORMAT_YUV420}};
  const Inventory machine = vaapi();
  ASSERT_THAT(machine.gpus, SizeIs(1)) << "NVIDIA's node is not VAAPI's, one may not be opened";
  EXPECT_THAT(machine.gpus[0].node, HasSubstr("renderD130"));
  EXPECT_EQ(machine.gpus[0].vendor, "other");
  ASSERT_THAT(machine.absences, SizeIs(1));
  EXPECT_EQ(machine.absences[0].note, "no permission on renderD129: add the user to group render");
}

TEST_F(DriverProbe, ANodeThatDoesNotWorkSaysWhatHelps) {
  EXPECT_THAT(note(vaapi()), StartsWith("no render node in "));
  put_render_node("renderD128", "0x8086");
  tree.device_errors["renderD128"] = EPERM;
  EXPECT_THAT(note(vaapi()), HasSubstr("--device /dev/dri")) << "the device cgroup refuses with EPERM";
  tree.device_errors["renderD128"] = ENODEV;
  EXPECT_THAT(note(vaapi()), StartsWith("renderD128 does not open: No such device"));
  tree.device_errors.clear();
  drivers->va_error = -1;
  EXPECT_THAT(note(vaapi()), AllOf(StartsWith("renderD128: its driver does not start: unknown libva error"),
                                   HasSubstr("intel-media-va-driver")));
  put_render_node("renderD128", "0x1002");
  EXPECT_THAT(note(vaapi()), HasSubstr("install mesa-va-drivers"));
  names.va = kNoLibrary;
  EXPECT_THAT(note(vaapi()), StartsWith("libva.so.2 or libva-drm.so.2 not found"));
}

}  // namespace
}  // namespace millrace::hw
