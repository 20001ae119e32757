#include "hw/nvdec_forms.h"

#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_nvcuvid.h>

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::hw {
namespace {

constexpr std::array<std::pair<cudaVideoCodec, const char*>, 10> kCodecs = {{
    {cudaVideoCodec_MPEG1, "mpeg1video"},
    {cudaVideoCodec_MPEG2, "mpeg2video"},
    {cudaVideoCodec_MPEG4, "mpeg4"},
    {cudaVideoCodec_VC1, "vc1"},
    {cudaVideoCodec_H264, "h264"},
    {cudaVideoCodec_HEVC, "hevc"},
    {cudaVideoCodec_VP8, "vp8"},
    {cudaVideoCodec_VP9, "vp9"},
    {cudaVideoCodec_AV1, "av1"},
    {cudaVideoCodec_JPEG, "mjpeg"},
}};

constexpr std::array<std::pair<cudaVideoChromaFormat, int>, 4> kChromas = {{
    {cudaVideoChromaFormat_420, 420},
    {cudaVideoChromaFormat_422, 422},
    {cudaVideoChromaFormat_444, 444},
    {cudaVideoChromaFormat_Monochrome, 400},
}};

constexpr std::array kBits = {8, 10, 12};

std::string absence_of_decoders(const GpuFacts& gpu) {
  if (!gpu.mig.empty())
    return "this slice " + gpu.mig +
           " has no decoder; decoding runs on the CPU, or make a slice of a profile with a decoder";
  return "the driver decodes no video on this device; decoding runs on the CPU";
}

}  // namespace

void ask_nvdec(const DriverLibrary& nvcuvid, GpuFacts& gpu) {
  if (!nvcuvid.loaded()) {
    gpu.absences.push_back({"decode",
                            "libnvcuvid.so.1 not found; install the NVIDIA driver's video libraries, in a "
                            "container add the driver capability `video` "
                            "(NVIDIA_DRIVER_CAPABILITIES=compute,video,utility)"});
    return;
  }
  auto* const caps_of = nvcuvid.function<tcuvidGetDecoderCaps>("cuvidGetDecoderCaps");
  if (caps_of == nullptr) {
    gpu.absences.push_back(
        {"decode", "libnvcuvid.so.1 is too old to tell what it decodes; update the driver"});
    return;
  }
  for (const auto& [codec, name] : kCodecs) {
    for (const auto& [format, chroma] : kChromas) {
      for (const int bits : kBits) {
        CUVIDDECODECAPS caps{};
        caps.eCodecType = codec;
        caps.eChromaFormat = format;
        caps.nBitDepthMinus8 = static_cast<unsigned>(bits - 8);
        if (caps_of(&caps) != CUDA_SUCCESS || caps.bIsSupported == 0) continue;
        gpu.decodes.push_back({name, chroma, bits, caps.nMinWidth, caps.nMinHeight,
                               static_cast<int>(caps.nMaxWidth), static_cast<int>(caps.nMaxHeight),
                               caps.nMaxMBCount});
        // Pictures of JPEG have engines of their own. Drivers before 450 leave the count empty.
        if (codec != cudaVideoCodec_JPEG)
          gpu.engines.decode = std::max({gpu.engines.decode, 1, int{caps.nNumNVDECs}});
      }
    }
  }
  if (gpu.engines.decode == 0) gpu.absences.push_back({"decode", absence_of_decoders(gpu)});
}

}  // namespace millrace::hw
