#include "engine/backend/vaapi/vaapi_device.h"

#include <fmt/format.h>
#include <va/va.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/job/names.h"
#include "engine/pipeline/media_log.h"
#include "hw/vaapi_forms.h"

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_vaapi.h>
}

namespace millrace::engine {
namespace {

constexpr std::string_view kPrefix = "vaapi:";

// What is asked of libva beside libav.
class Questions {
 public:
  Questions(const hw::DriverLibrary& libva, VADisplay display)
      : display_(display),
        most_entrypoints_(libva.function<decltype(vaMaxNumEntrypoints)>("vaMaxNumEntrypoints")),
        entrypoints_(libva.function<decltype(vaQueryConfigEntrypoints)>("vaQueryConfigEntrypoints")),
        attributes_(libva.function<decltype(vaGetConfigAttributes)>("vaGetConfigAttributes")) {}

  bool can_ask() const { return most_entrypoints_ && entrypoints_ && attributes_; }

  // The full encoder where it is there, else the fixed-function one.
  std::optional<VAEntrypoint> encoder(VAProfile profile) const {
    std::vector<VAEntrypoint> list(static_cast<std::size_t>(std::max(0, most_entrypoints_(display_))));
    int count = 0;
    if (entrypoints_(display_, profile, list.data(), &count) != VA_STATUS_SUCCESS) return std::nullopt;
    list.resize(std::min(list.size(), static_cast<std::size_t>(std::max(0, count))));
    for (const VAEntrypoint each : {VAEntrypointEncSlice, VAEntrypointEncSliceLP})
      if (std::find(list.begin(), list.end(), each) != list.end()) return each;
    return std::nullopt;
  }

  // 0 where the driver does not tell.
  std::uint32_t attribute(VAProfile profile, VAEntrypoint entrypoint, VAConfigAttribType type) const {
    VAConfigAttrib attribute{type, 0};
    if (attributes_(display_, profile, entrypoint, &attribute, 1) != VA_STATUS_SUCCESS ||
        attribute.value == VA_ATTRIB_NOT_SUPPORTED)
      return 0;
    return attribute.value;
  }

 private:
  VADisplay display_;
  decltype(&vaMaxNumEntrypoints) most_entrypoints_;
  decltype(&vaQueryConfigEntrypoints) entrypoints_;
  decltype(&vaGetConfigAttributes) attributes_;
};

VADisplay display_of(const AVBufferRef& context) {
  const auto* device = reinterpret_cast<const AVHWDeviceContext*>(context.data);
  return static_cast<const AVVAAPIDeviceContext*>(device->hwctx)->display;
}

}  // namespace

VaapiDevice::VaapiDevice(std::string name, BufferPtr context)
    : name_(std::move(name)), context_(std::move(context)), libva_(hw::DriverNames().va) {}

Result<VaapiDevice> VaapiDevice::open(std::string_view name) {
  const std::string node(name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name);
  AVBufferRef* context = nullptr;
  forget_media_words();
  const int error = av_hwdevice_ctx_create(&context, AV_HWDEVICE_TYPE_VAAPI, node.c_str(), nullptr, 0);
  if (error < 0) {
    const std::string said = media_words();
    return Status(Code::device_lost, fmt::format("it does not open: {}; see `millrace probe`",
                                                 said.empty() ? av_error_text(error) : said));
  }
  return VaapiDevice(std::string(name), BufferPtr(context));
}

Result<VaEncoding> VaapiDevice::encoding(VideoCodec codec, bool ten_bit) const {
  const Questions driver(libva_, display_of(*context_));
  if (!driver.can_ask()) return Status(Code::unsupported, name_ + ": libva.so.2 is too old");
  const std::string codec_name(name_of(codec));
  for (const hw::VaForm& form : hw::va_forms()) {
    if (form.codec != codec_name || form.chroma != 420 || form.bits != (ten_bit ? 10 : 8)) continue;
    const auto profile = static_cast<VAProfile>(form.profile);
    const std::optional<VAEntrypoint> entrypoint = driver.encoder(profile);
    if (!entrypoint) continue;
    VaEncoding encoding;
    encoding.low_power = *entrypoint == VAEntrypointEncSliceLP;
    encoding.rate_modes = driver.attribute(profile, *entrypoint, VAConfigAttribRateControl);
    encoding.quality_levels =
        static_cast<int>(driver.attribute(profile, *entrypoint, VAConfigAttribEncQualityRange));
    return encoding;
  }
  return Status(Code::unsupported,
                fmt::format("{} encodes no {} of {} bits", name_, codec_name, ten_bit ? 10 : 8));
}

}  // namespace millrace::engine
