#include "hw/vaapi_probe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <va/va.h>
#include <va/va_vpp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "hw/gpu_nodes.h"
#include "hw/text_file.h"
#include "hw/vaapi_forms.h"

namespace millrace::hw {
namespace {

// The functions of libva that are asked here, by their own declarations.
struct Va {
  Va(const DriverLibrary& library, const DriverLibrary& drm)
      : display_of(drm.function<VADisplay(int)>("vaGetDisplayDRM")),
        initialize(library.function<decltype(vaInitialize)>("vaInitialize")),
        terminate(library.function<decltype(vaTerminate)>("vaTerminate")),
        vendor(library.function<decltype(vaQueryVendorString)>("vaQueryVendorString")),
        most_profiles(library.function<decltype(vaMaxNumProfiles)>("vaMaxNumProfiles")),
        most_entrypoints(library.function<decltype(vaMaxNumEntrypoints)>("vaMaxNumEntrypoints")),
        profiles(library.function<decltype(vaQueryConfigProfiles)>("vaQueryConfigProfiles")),
        entrypoints(library.function<decltype(vaQueryConfigEntrypoints)>("vaQueryConfigEntrypoints")),
        attributes(library.function<decltype(vaGetConfigAttributes)>("vaGetConfigAttributes")),
        create_config(library.function<decltype(vaCreateConfig)>("vaCreateConfig")),
        destroy_config(library.function<decltype(vaDestroyConfig)>("vaDestroyConfig")),
        create_context(library.function<decltype(vaCreateContext)>("vaCreateContext")),
        destroy_context(library.function<decltype(vaDestroyContext)>("vaDestroyContext")),
        filters(library.function<decltype(vaQueryVideoProcFilters)>("vaQueryVideoProcFilters")),
        error_text(library.function<decltype(vaErrorStr)>("vaErrorStr")) {}

  bool whole() const {
    return display_of && initialize && terminate && vendor && most_profiles && most_entrypoints && profiles &&
           entrypoints && attributes && create_config && destroy_config && create_context &&
           destroy_context && filters && error_text;
  }

  VADisplay (*display_of)(int);  // va_drm.h
  decltype(&vaInitialize) initialize;
  decltype(&vaTerminate) terminate;
  decltype(&vaQueryVendorString) vendor;
  decltype(&vaMaxNumProfiles) most_profiles;
  decltype(&vaMaxNumEntrypoints) most_entrypoints;
  decltype(&vaQueryConfigProfiles) profiles;
  decltype(&vaQueryConfigEntrypoints) entrypoints;
  decltype(&vaGetConfigAttributes) attributes;
  decltype(&vaCreateConfig) create_config;
  decltype(&vaDestroyConfig) destroy_config;
  decltype(&vaCreateContext) create_context;
  decltype(&vaDestroyContext) destroy_context;
  decltype(&vaQueryVideoProcFilters) filters;
  decltype(&vaErrorStr) error_text;
};

// One render node, open, with its driver.
class Display {
 public:
  Display(const Va& va, const std::string& node)
      : va_(va), descriptor_(::open(node.c_str(), O_RDWR | O_CLOEXEC)) {
    display_ = va.display_of(descriptor_);
    int major = 0;
    int minor = 0;
    status_ = display_ == nullptr ? VA_STATUS_ERROR_INVALID_DISPLAY : va.initialize(display_, &major, &minor);
  }
  ~Display() {
    if (display_ != nullptr) va_.terminate(display_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;

  VAStatus status() const { return status_; }

  std::string driver() const {
    const char* const text = va_.vendor(display_);
    return text == nullptr ? std::string() : printable(text);
  }

  std::vector<VAProfile> profiles() const {
    std::vector<VAProfile> list(static_cast<std::size_t>(std::max(0, va_.most_profiles(display_))));
    int count = 0;
    if (va_.profiles(display_, list.data(), &count) != VA_STATUS_SUCCESS) return {};
    list.resize(std::min(list.size(), static_cast<std::size_t>(std::max(0, count))));
    return list;
  }

  std::vector<VAEntrypoint> entrypoints(VAProfile profile) const {
    std::vector<VAEntrypoint> list(static_cast<std::size_t>(std::max(0, va_.most_entrypoints(display_))));
    int count = 0;
    if (va_.entrypoints(display_, profile, list.data(), &count) != VA_STATUS_SUCCESS) return {};
    list.resize(std::min(list.size(), static_cast<std::size_t>(std::max(0, count))));
    return list;
  }

  std::optional<std::uint32_t> attribute(VAProfile profile, VAEntrypoint entrypoint,
                                         VAConfigAttribType type) const {
    VAConfigAttrib attribute{type, 0};
    if (va_.attributes(display_, profile, entrypoint, &attribute, 1) != VA_STATUS_SUCCESS ||
        attribute.value == VA_ATTRIB_NOT_SUPPORTED)
      return std::nullopt;
    return attribute.value;
  }

  // The filters of the video processor, which only an open one tells.
  std::vector<VAProcFilterType> filters() const {
    VAConfigID config = VA_INVALID_ID;
    if (va_.create_config(display_, VAProfileNone, VAEntrypointVideoProc, nullptr, 0, &config) !=
        VA_STATUS_SUCCESS)
      return {};
    std::vector<VAProcFilterType> list(VAProcFilterCount);
    unsigned count = VAProcFilterCount;
    VAContextID context = VA_INVALID_ID;
    if (va_.create_context(display_, config, 64, 64, 0, nullptr, 0, &context) != VA_STATUS_SUCCESS) {
      count = 0;
    } else {
      if (va_.filters(display_, context, list.data(), &count) != VA_STATUS_SUCCESS) count = 0;
      va_.destroy_context(display_, context);
    }
    va_.destroy_config(display_, config);
    list.resize(std::min<std::size_t>(count, list.size()));
    return list;
  }

 private:
  const Va& va_;
  int descriptor_;
  VADisplay display_ = nullptr;
  VAStatus status_ = VA_STATUS_SUCCESS;
};

template <typename Element>
bool has(const std::vector<Element>& list, Element element) {
  return std::find(list.begin(), list.end(), element) != list.end();
}

bool takes_surfaces(const Display& display, const VaForm& form, VAEntrypoint entrypoint) {
  const auto profile = static_cast<VAProfile>(form.profile);
  const auto formats = display.attribute(profile, entrypoint, VAConfigAttribRTFormat);
  return formats && (*formats & form.surface) != 0;
}

VideoForm video_form(const Display& display, const VaForm& form, VAEntrypoint entrypoint) {
  const auto profile = static_cast<VAProfile>(form.profile);
  const auto most = [&](VAConfigAttribType type) {
    return static_cast<int>(display.attribute(profile, entrypoint, type).value_or(0));
  };
  return {form.codec,
          form.chroma,
          form.bits,
          0,
          0,
          most(VAConfigAttribMaxPictureWidth),
          most(VAConfigAttribMaxPictureHeight),
          0};
}

bool same_kind(const VideoForm& a, const VaForm& b) {
  return a.codec == b.codec && a.chroma == b.chroma && a.bits == b.bits;
}

void add_decode(const Display& display, const VaForm& form, const std::vector<VAEntrypoint>& entrypoints,
                GpuFacts& gpu) {
  const bool known = std::any_of(gpu.decodes.begin(), gpu.decodes.end(),
                                 [&](const VideoForm& each) { return same_kind(each, form); });
  if (known || !has(entrypoints, VAEntrypointVLD) || !takes_surfaces(display, form, VAEntrypointVLD)) return;
  gpu.decodes.push_back(video_form(display, form, VAEntrypointVLD));
}

void add_encode(const Display& display, const VaForm& form, const std::vector<VAEntrypoint>& entrypoints,
                GpuFacts& gpu) {
  const bool known = std::any_of(gpu.encodes.begin(), gpu.encodes.end(),
                                 [&](const EncodeForm& each) { return same_kind(each.form, form); });
  if (known) return;
  for (const VAEntrypoint entrypoint : {VAEntrypointEncSlice, VAEntrypointEncSliceLP}) {
    if (!has(entrypoints, entrypoint) || !takes_surfaces(display, form, entrypoint)) continue;
    // Its upper half counts the frames of the second list, those that a B frame looks ahead to.
    const std::uint32_t references =
        display.attribute(static_cast<VAProfile>(form.profile), entrypoint, VAConfigAttribEncMaxRefFrames)
            .value_or(0);
    gpu.encodes.push_back({video_form(display, form, entrypoint), references >> 16 > 0 ? 1 : 0,
                           entrypoint == VAEntrypointEncSliceLP});
    return;
  }
}

void add_filters(const Display& display, GpuFacts& gpu) {
  if (!has(display.entrypoints(VAProfileNone), VAEntrypointVideoProc)) return;
  gpu.filters.push_back("scale");
  const std::vector<VAProcFilterType> filters = display.filters();
  if (has(filters, VAProcFilterDeinterlacing)) gpu.filters.push_back("deinterlace");
  if (has(filters, VAProcFilterHighDynamicRangeToneMapping)) gpu.filters.push_back("tone_map");
}

void add_abilities(const Display& display, GpuFacts& gpu) {
  const std::vector<VAProfile> profiles = display.profiles();
  for (const VaForm& form : va_forms()) {
    const auto profile = static_cast<VAProfile>(form.profile);
    if (!has(profiles, profile)) continue;
    const std::vector<VAEntrypoint> entrypoints = display.entrypoints(profile);
    add_decode(display, form, entrypoints, gpu);
    add_encode(display, form, entrypoints, gpu);
  }
  if (has(profiles, VAProfileNone)) add_filters(display, gpu);
  gpu.engines = {gpu.decodes.empty() ? 0 : 1, gpu.encodes.empty() ? 0 : 1};
  if (gpu.decodes.empty())
    gpu.absences.push_back({"decode", "the driver decodes nothing on this device; decoding runs on the CPU"});
  if (gpu.encodes.empty())
    gpu.absences.push_back(
        {"encode",
         "the driver encodes nothing on this device; encoding runs on the CPU (of an Intel GPU install "
         "intel-media-va-driver-non-free and the firmware package firmware-misc-nonfree)"});
  gpu.absences.push_back({"load", "VAAPI does not tell what a device is doing"});
}

std::string why_no_driver(std::string_view vendor) {
  if (vendor == "intel") return "install intel-media-va-driver (i965-va-driver for chips before 2014)";
  if (vendor == "amd") return "install mesa-va-drivers";
  return "install the VAAPI driver of this GPU";
}

GpuFacts describe(const RenderNode& node, const ProbeRoots& roots) {
  GpuFacts gpu;
  gpu.vendor = node.vendor;
  gpu.name = fmt::format("{} GPU{}{}", node.vendor, node.model.empty() ? "" : " ", node.model);
  gpu.id = node.pci;
  gpu.node = node.path;
  // amdgpu alone tells, in bytes (Linux, Documentation/gpu/amdgpu/driver-misc.rst).
  const std::string memory = roots.sys + "/class/drm/" + node.name + "/device/mem_info_vram_total";
  gpu.memory_bytes = parse_number<std::uint64_t>(read_line(memory).value_or("")).value_or(0);
  return gpu;
}

}  // namespace

std::vector<GpuFacts> ask_vaapi(const DriverNames& names, const ProbeRoots& roots,
                                std::vector<Absence>& absences) {
  std::vector<RenderNode> nodes = render_nodes(roots);
  const bool none_at_all = nodes.empty();
  nodes.erase(std::remove_if(nodes.begin(), nodes.end(),
                             [](const RenderNode& node) { return node.vendor == "nvidia"; }),
              nodes.end());
  const auto absent = [&](std::string note) { absences.push_back({"vaapi", std::move(note)}); };
  if (none_at_all) {
    absent(
        fmt::format("no render node in {}/dri; an Intel or AMD GPU needs its kernel driver, and in a "
                    "container --device /dev/dri",
                    roots.dev));
    return {};
  }
  if (nodes.empty()) {
    absent("only NVIDIA render nodes, which offer no VAAPI encoder; nothing to mend");
    return {};
  }
  const DriverLibrary library(names.va);
  const DriverLibrary drm(names.va_drm);
  const Va va(library, drm);
  if (!va.whole()) {
    absent("libva.so.2 or libva-drm.so.2 not found, or too old; install libva2 and libva-drm2");
    return {};
  }
  std::vector<GpuFacts> gpus;
  int index = 0;
  for (const RenderNode& node : nodes) {
    GpuFacts gpu = describe(node, roots);
    gpu.index = index++;
    if (std::optional<std::string> trouble = render_node_trouble(node, roots)) {
      absent(std::move(*trouble));
      continue;
    }
    const Display display(va, node.path);
    if (display.status() != VA_STATUS_SUCCESS) {
      absent(fmt::format("{}: its driver does not start: {}; {}", node.name, va.error_text(display.status()),
                         why_no_driver(node.vendor)));
      continue;
    }
    gpu.driver = display.driver();
    add_abilities(display, gpu);
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

}  // namespace millrace::hw
