#include "hw/vaapi_forms.h"

#include <va/va.h>

#include <array>

namespace millrace::hw {
namespace {

constexpr std::array kForms = {
    VaForm{VAProfileMPEG2Main, "mpeg2video", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileMPEG4AdvancedSimple, "mpeg4", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileVC1Advanced, "vc1", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileH264High, "h264", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileH264Main, "h264", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileH264ConstrainedBaseline, "h264", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileHEVCMain, "hevc", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileHEVCMain10, "hevc", 420, 10, VA_RT_FORMAT_YUV420_10},
    VaForm{VAProfileHEVCMain12, "hevc", 420, 12, VA_RT_FORMAT_YUV420_12},
    VaForm{VAProfileHEVCMain422_10, "hevc", 422, 10, VA_RT_FORMAT_YUV422_10},
    VaForm{VAProfileHEVCMain422_12, "hevc", 422, 12, VA_RT_FORMAT_YUV422_12},
    VaForm{VAProfileHEVCMain444, "hevc", 444, 8, VA_RT_FORMAT_YUV444},
    VaForm{VAProfileHEVCMain444_10, "hevc", 444, 10, VA_RT_FORMAT_YUV444_10},
    VaForm{VAProfileHEVCMain444_12, "hevc", 444, 12, VA_RT_FORMAT_YUV444_12},
    VaForm{VAProfileVP8Version0_3, "vp8", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileVP9Profile0, "vp9", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileVP9Profile1, "vp9", 444, 8, VA_RT_FORMAT_YUV444},
    VaForm{VAProfileVP9Profile2, "vp9", 420, 10, VA_RT_FORMAT_YUV420_10},
    VaForm{VAProfileVP9Profile2, "vp9", 420, 12, VA_RT_FORMAT_YUV420_12},
    VaForm{VAProfileVP9Profile3, "vp9", 444, 10, VA_RT_FORMAT_YUV444_10},
    VaForm{VAProfileAV1Profile0, "av1", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileAV1Profile0, "av1", 420, 10, VA_RT_FORMAT_YUV420_10},
    VaForm{VAProfileJPEGBaseline, "mjpeg", 420, 8, VA_RT_FORMAT_YUV420},
    VaForm{VAProfileJPEGBaseline, "mjpeg", 422, 8, VA_RT_FORMAT_YUV422},
    VaForm{VAProfileJPEGBaseline, "mjpeg", 444, 8, VA_RT_FORMAT_YUV444},
};

}  // namespace

std::span<const VaForm> va_forms() { return kForms; }

}  // namespace millrace::hw
