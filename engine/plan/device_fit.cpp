#include "engine/plan/device_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/plan/device_path.h"
#include "engine/plan/dynamic_range.h"
#include "engine/plan/normalise.h"
#include "engine/plan/placement.h"

namespace millrace::engine {
namespace {

// Compute capability times ten that the kernels are built for at the least: Turing.
constexpr int kLeastCompute = 75;

// A CUDA context; surfaces that a decoder, its reorder queue and the queues behind it hold; surfaces of an
// encoder with what it keeps itself. Rough: taken from public figures, not measured.
constexpr double kContextBytes = 400e6;
constexpr double kDecodedSurfaces = 24;
constexpr double kEncodedSurfaces = 48;

bool fits(const hw::VideoForm& form, int width, int height) {
  const std::int64_t blocks = (width + 15) / 16 * (static_cast<std::int64_t>(height) + 15) / 16;
  return width >= form.min_width && height >= form.min_height &&
         (form.max_width == 0 || width <= form.max_width) &&
         (form.max_height == 0 || height <= form.max_height) &&
         (form.max_macroblocks == 0 || blocks <= form.max_macroblocks);
}

// What is looked for among a device's forms.
struct Wanted {
  std::string codec;
  PixelForm pixels;
  int width = 0;
  int height = 0;
};

std::string form_text(const Wanted& wanted) {
  return fmt::format("{} {}:{}:{} of {} bits", wanted.codec, wanted.pixels.chroma / 100,
                     wanted.pixels.chroma / 10 % 10, wanted.pixels.chroma % 10, wanted.pixels.bits);
}

template <class Forms, class FormOf>
std::string why_none_fits(std::string_view name, std::string_view verb, const Forms& forms,
                          const Wanted& wanted, FormOf form_of) {
  bool codec = false;
  const hw::VideoForm* pixels = nullptr;
  for (const auto& each : forms) {
    const hw::VideoForm& form = form_of(each);
    if (form.codec != wanted.codec) continue;
    codec = true;
    if (form.chroma != wanted.pixels.chroma || form.bits != wanted.pixels.bits) continue;
    pixels = &form;
    if (fits(form, wanted.width, wanted.height)) return {};
  }
  if (!codec) return fmt::format("{} does not {} {}", name, verb, wanted.codec);
  if (pixels == nullptr) return fmt::format("{} does not {} {}", name, verb, form_text(wanted));
  return fmt::format("{} does not {} {} of {}x{}: its limits are {}x{} to {}x{}", name, verb, wanted.codec,
                     wanted.width, wanted.height, pixels->min_width, pixels->min_height, pixels->max_width,
                     pixels->max_height);
}

std::string absent(const hw::GpuFacts& gpu, const std::string& what) {
  const std::string* note = hw::absence_note(gpu, what);
  return note == nullptr ? fmt::format("{} has no engine that {}s", gpu.name, what)
                         : fmt::format("{}: {}", gpu.name, *note);
}

bool is_nvidia(const hw::GpuFacts& gpu) { return gpu.vendor == "nvidia"; }

// What a step of the normalisation is called among the filters of a VAAPI driver; empty: it is none of them.
std::string_view vaapi_filter(std::string_view step) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kFilters = {
      {{"deinterlace", "deinterlace"},
       {"tone_map", "tone_map"},
       {"square_pixels", "scale"},
       {"pixel_format", "scale"}}};
  const auto* found =
      std::find_if(kFilters.begin(), kFilters.end(), [&](const auto& each) { return each.first == step; });
  return found == kFilters.end() ? std::string_view() : found->second;
}

// What tonemap_vaapi takes, where the plan has tones to map.
bool vaapi_maps_tones(const Plan& plan) {
  const VideoTrack& video = *plan.source.main_video();
  return (transfer_of(video) == "smpte2084" && !video.hdr.mastering_display.empty()) ||
         std::none_of(plan.normalisations.begin(), plan.normalisations.end(),
                      [](const Normalisation& step) { return step.name == "tone_map"; });
}

// Of drivers' conversions this one is tried (schedule/canary.h); what they make of rarer colours is not
// known.
bool vaapi_converts(const Plan& plan) {
  const VideoTrack& video = *plan.source.main_video();
  if (is_hdr(video) || colour_change(plan) != ColourChange::bt709) return true;
  const PictureColours colours = colours_of(video);
  return colours.matrix == "bt2020nc" && colours.primaries == "bt2020";
}

std::string why_not_step(const hw::GpuFacts& gpu, const std::string& step,
                         const std::vector<std::string>& nvidia_steps) {
  if (step == "colours") return {};  // tags, which frames carry everywhere
  if (is_nvidia(gpu)) {
    const bool built = std::find(nvidia_steps.begin(), nvidia_steps.end(), step) != nvidia_steps.end();
    return built ? "" : fmt::format("{} is not built for {} and runs on the CPU", step, gpu.name);
  }
  const std::string_view filter = vaapi_filter(step);
  const bool has =
      !filter.empty() && std::find(gpu.filters.begin(), gpu.filters.end(), filter) != gpu.filters.end();
  return has ? "" : fmt::format("the driver of {} has no filter for {}", gpu.name, step);
}

template <std::size_t Size>
bool is_one_of(const std::array<std::string_view, Size>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Why the kernels do not make the colours that the plan's steps ask for. What the source leaves out is
// tagged with what they know.
std::string why_not_coloured(const hw::GpuFacts& gpu, const Plan& plan) {
  constexpr std::array<std::string_view, 5> kMatrices = {"bt709", "smpte170m", "bt470bg", "bt2020nc",
                                                         "unknown"};
  constexpr std::array<std::string_view, 6> kPrimaries = {"bt709",   "smpte170m", "smpte240m",
                                                          "bt470bg", "bt2020",    "unknown"};
  constexpr std::array<std::string_view, 7> kTransfers = {
      "bt709", "smpte170m", "bt2020-10", "bt2020-12", "smpte2084", "arib-std-b67", "unknown"};
  const ColourChange change = colour_change(plan);
  const VideoTrack& video = *plan.source.main_video();
  if (change != ColourChange::none && !is_planar_yuv(video))
    return fmt::format("pictures in {} are converted on the CPU", video.pixel_format);
  if (change != ColourChange::bt709) return {};
  if (!is_one_of(kMatrices, video.color_matrix) || !is_one_of(kPrimaries, video.color_primaries) ||
      !is_one_of(kTransfers, video.color_transfer))
    return fmt::format("no kernel converts colours of {}/{}/{}", video.color_matrix, video.color_primaries,
                       video.color_transfer);
  // The ladder makes pixels square, once for all, and light is not to be mapped before.
  for (const Normalisation& step : plan.normalisations)
    if (step.name == "square_pixels" && step.filter.find("scale=") != std::string::npos)
      return fmt::format("{} would map the colours before its pixels are square", gpu.name);
  return {};
}

}  // namespace

std::optional<PixelForm> pixel_form_of(const std::string& pixel_format) {
  std::string_view text = pixel_format;
  if (text == "nv12") return PixelForm{420, 8};
  if (text == "p010le") return PixelForm{420, 10};
  PixelForm form;
  const auto take = [&](std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
  };
  if (take("gray"))
    form.chroma = 400;
  else if (take("yuv420p") || take("yuvj420p"))
    form.chroma = 420;
  else if (take("yuv422p") || take("yuvj422p"))
    form.chroma = 422;
  else if (take("yuv444p") || take("yuvj444p"))
    form.chroma = 444;
  else
    return std::nullopt;
  if (text.empty()) return form;
  if (text != "10le" && text != "12le") return std::nullopt;
  form.bits = text == "10le" ? 10 : 12;
  return form;
}

std::string why_not_decoded(const hw::GpuFacts& gpu, const VideoTrack& track) {
  if (gpu.decodes.empty()) return absent(gpu, "decode");
  const std::optional<PixelForm> pixels = pixel_form_of(track.pixel_format);
  if (!pixels) return fmt::format("{} does not decode {} in {}", gpu.name, track.codec, track.pixel_format);
  return why_none_fits(gpu.name, "decode", gpu.decodes, {track.codec, *pixels, track.width, track.height},
                       [](const hw::VideoForm& form) -> const hw::VideoForm& { return form; });
}

std::string why_not_filtered(const hw::GpuFacts& gpu, const Plan& plan,
                             const std::vector<std::string>& nvidia_steps) {
  const VideoTrack* video = plan.source.main_video();
  const std::optional<PixelForm> pixels =
      video == nullptr ? std::nullopt : pixel_form_of(video->pixel_format);
  if (!pixels || pixels->chroma != 420 || pixels->bits > 10)
    return fmt::format("pictures in {} are converted on the CPU",
                       video == nullptr ? "no format" : video->pixel_format);
  if (is_nvidia(gpu) && gpu.compute < kLeastCompute)
    return fmt::format("{} has compute capability {}.{}; the kernels need {}.{}", gpu.name, gpu.compute / 10,
                       gpu.compute % 10, kLeastCompute / 10, kLeastCompute % 10);
  for (const Normalisation& step : plan.normalisations)
    if (std::string why = why_not_step(gpu, step.name, nvidia_steps); !why.empty()) return why;
  if (std::any_of(plan.renditions.begin(), plan.renditions.end(),
                  [](const PlannedRendition& each) { return each.burn >= 0; }))
    return "burnt subtitles are drawn on the CPU";
  if (std::string why = why_not_overlaid(gpu, plan); !why.empty() && device_of(plan, Stage::encode) != kCpu)
    return fmt::format("{} encodes the pictures, and overlays are laid on the CPU: {}", gpu.name, why);
  if (is_nvidia(gpu)) return why_not_coloured(gpu, plan);
  if (!vaapi_converts(plan))
    return fmt::format("colours of {}/{} are converted on the CPU", video->color_matrix,
                       video->color_primaries);
  if (!vaapi_maps_tones(plan)) return "VAAPI tone-maps HDR10 alone, and wants its mastering display";
  return why_not_step(gpu, "square_pixels", nvidia_steps);  // scaling
}

// engine/backend/vaapi/README.md has which FFmpeg and which driver do what.
std::string why_not_overlaid(const hw::GpuFacts& gpu, const Plan& plan) {
  if (is_nvidia(gpu) || plan.overlays.empty()) return {};
  return "not every FFmpeg and driver blends transparency on VAAPI";
}

std::string why_not_encoded(const hw::GpuFacts& gpu, const PlannedRendition& rendition,
                            const std::vector<VideoCodec>& codecs) {
  if (gpu.encodes.empty()) return absent(gpu, "encode");
  const std::string codec(name_of(rendition.codec));
  std::string why =
      why_none_fits(gpu.name, "encode", gpu.encodes,
                    {codec, {420, rendition.ten_bit ? 10 : 8}, rendition.width, rendition.height},
                    [](const hw::EncodeForm& each) -> const hw::VideoForm& { return each.form; });
  if (why.empty() && std::find(codecs.begin(), codecs.end(), rendition.codec) == codecs.end())
    why = fmt::format("{} encodes {}, but this build drives no encoder for it", gpu.name,
                      encode_path(rendition.codec, rendition.ten_bit));
  return why;
}

std::string why_captions_are_lost(const hw::GpuFacts& gpu, const PlannedRendition& rendition,
                                  const VideoTrack& track) {
  if (is_nvidia(gpu) || !track.closed_captions || rendition.codec != VideoCodec::h264) return {};
  return "closed captions stay in the pictures that the CPU encodes";
}

int step_pictures_of(const Plan& plan) {
  const auto has = [&plan](std::string_view name) {
    return std::any_of(plan.normalisations.begin(), plan.normalisations.end(),
                       [name](const Normalisation& step) { return step.name == name; });
  };
  const ColourChange change = colour_change(plan);
  const bool converts = change == ColourChange::bt709 ||
                        (change == ColourChange::range && is_full_range(*plan.source.main_video()));
  const int steps = (has("deinterlace") ? 1 : 0) + (has("rotate") ? 1 : 0) + (converts ? 1 : 0);
  return steps > 0 ? steps + 1 : 0;
}

std::uint64_t device_memory_of(const Plan& plan) {
  const VideoTrack* video = plan.source.main_video();
  const auto surface = [](int width, int height, bool deep) { return 1.5 * width * height * (deep ? 2 : 1); };
  double bytes = 0;
  if (video != nullptr && (plan.decode_device != kCpu || plan.filter_device != kCpu))
    bytes += (kDecodedSurfaces + (plan.filter_device != kCpu ? step_pictures_of(plan) : 0)) *
             surface(video->width, video->height, video->bits_per_component > 8);
  for (const PlannedRendition& each : plan.renditions)
    if (each.encode_device != kCpu || plan.filter_device != kCpu)
      bytes += (each.encode_device != kCpu ? kEncodedSurfaces : kDecodedSurfaces) *
               surface(each.width, each.height, each.ten_bit);
  return bytes > 0 ? static_cast<std::uint64_t>(bytes + kContextBytes) : 0;
}

}  // namespace millrace::engine
