#include "engine/job/job_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "engine/job/output_check.h"
#include "engine/job/spec_check.h"

namespace millrace::engine {
namespace {

constexpr std::size_t kMostOutputs = 32;
constexpr std::size_t kMostTags = 32;
constexpr std::size_t kMostSubtitles = 32;
constexpr std::size_t kLongestTag = 256;
constexpr std::size_t kLongestLabel = 64;

Status check_outputs(const std::vector<Output>& outputs, double segment_seconds) {
  if (outputs.empty()) return bad("outputs", "empty; give at least one output");
  if (outputs.size() > kMostOutputs) return bad("outputs", fmt::format("more than {} outputs", kMostOutputs));
  std::set<std::string> names;
  const AdaptiveOutput* first_adaptive = nullptr;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string field = field_path("outputs", i);
    const std::string& name = name_of(outputs[i]);
    if (!is_name(name, "_-"))
      return bad(field + ".name", fmt::format("{} is no name; use 1 to {} letters, digits, '_' and '-'",
                                              in_quotes(name), kLongestName));
    std::string folded = name;
    std::transform(folded.begin(), folded.end(), folded.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (folded == "receipt")
      return bad(field + ".name", "'receipt' is taken by receipt.json; choose another name");
    if (!names.insert(folded).second)
      return bad(field + ".name",
                 fmt::format("{} stands twice (upper and lower case count as the same)", in_quotes(name)));
    const auto* adaptive = std::get_if<AdaptiveOutput>(&outputs[i]);
    if (adaptive == nullptr) continue;
    if (first_adaptive == nullptr) first_adaptive = adaptive;
    if (adaptive->segment_seconds != first_adaptive->segment_seconds)
      return refused(
          Code::unsupported, field + ".segment_seconds",
          fmt::format("{} differs from the {} of '{}'; one job has one grid: give both the same",
                      adaptive->segment_seconds, first_adaptive->segment_seconds, first_adaptive->name));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (Status s = check_output(field_path("outputs", i), outputs[i], segment_seconds); !s.ok()) return s;
  }
  return {};
}

Status check_tags(const std::map<std::string, std::string>& tags) {
  if (tags.size() > kMostTags) return bad("tags", fmt::format("more than {} tags", kMostTags));
  for (const auto& [key, value] : tags) {
    if (!is_name(key, "_-."))
      return bad("tags", fmt::format("{} is no tag; use 1 to {} letters, digits, '_', '-' and '.'",
                                     in_quotes(key), kLongestName));
    if (Status s = check_plain_text("tags." + key, value, kLongestTag); !s.ok()) return s;
  }
  return {};
}

// A copy keeps coded pictures and sound whole; a trim falls between them.
Status check_trim(const JobSpec& spec) {
  if (Status s = check_span("trim", spec.trim.from, spec.trim.to); !s.ok()) return s;
  if (spec.trim.from == 0 && spec.trim.to == 0) return {};
  for (const Output& output : spec.outputs) {
    const auto* file = std::get_if<FileOutput>(&output);
    const auto* audio = std::get_if<AudioOutput>(&output);
    const bool copies =
        (file != nullptr && (file->copy_video || file->copy_audio)) || (audio != nullptr && audio->copy);
    if (copies)
      return bad("trim",
                 fmt::format("'{}' is a copy, which is not cut to the frame; name a codec there or leave "
                             "the trim out",
                             name_of(output)));
  }
  return {};
}

void add_urls(const SlideShow& show, std::vector<SpecUrl>& urls) {
  for (std::size_t i = 0; i < show.slides.size(); ++i)
    if (const std::string& image = show.slides[i].image; !image.empty())
      urls.push_back({field_path("input.slides", i) + ".image", image});
  if (!show.audio.empty()) urls.push_back({"input.audio", show.audio});
}

// A slide show is drawn and its sound fitted to it: there is nothing coded that could be copied.
Status check_no_copies(const JobSpec& spec) {
  for (std::size_t i = 0; i < spec.outputs.size(); ++i) {
    const auto* file = std::get_if<FileOutput>(&spec.outputs[i]);
    const auto* audio = std::get_if<AudioOutput>(&spec.outputs[i]);
    const std::string field = field_path("outputs", i);
    const std::string_view sentence = "a slide show holds nothing coded that could be copied; name a codec";
    if (file != nullptr && file->copy_video) return bad(field + ".video.codec", sentence);
    if ((file != nullptr && file->copy_audio) || (audio != nullptr && audio->copy))
      return bad(field + ".audio.codec", sentence);
  }
  return {};
}

Status check_subtitles(const JobSpec& spec) {
  if (spec.subtitles.empty()) return {};
  const std::string all = "input.subtitles";
  if (spec.subtitles.size() > kMostSubtitles)
    return bad(all, fmt::format("more than {} files", kMostSubtitles));
  for (std::size_t i = 0; i < spec.subtitles.size(); ++i) {
    const SubtitleFile& file = spec.subtitles[i];
    const std::string field = field_path(all, i);
    if (Status s = check_url(field + ".url", file.url); !s.ok()) return s;
    if (Status s = check_language(field + ".language", file.language); !s.ok()) return s;
    if (Status s = check_plain_text(field + ".label", file.label, kLongestLabel); !s.ok()) return s;
    // RFC 8216 §4.2: a quoted string has no way to hold a quote.
    if (file.label.find('"') != std::string::npos)
      return bad(field + ".label", "holds a double quote, which no playlist can carry; leave it out");
  }
  const bool taken = std::any_of(spec.outputs.begin(), spec.outputs.end(), [](const Output& output) {
    const auto* adaptive = std::get_if<AdaptiveOutput>(&output);
    return adaptive != nullptr && adaptive->subtitles;
  });
  if (taken) return {};
  return bad(all, "no output takes them; ask for an adaptive output with subtitles, or leave them out");
}

Status check_device(const DevicePreference& device) {
  using Kind = DevicePreference::Kind;
  const std::string& which = device.which;
  const bool number = which.size() <= 3 && std::all_of(which.begin(), which.end(),
                                                       [](unsigned char c) { return std::isdigit(c) != 0; });
  const bool fits = which.empty() || (device.kind == Kind::cuda && number) ||
                    (device.kind == Kind::vaapi && which.front() == '/' && which.size() <= kLongestTag &&
                     is_utf8(which) && !has_control_character(which));
  if (fits) return {};
  return bad("device", fmt::format("{} is no device; allowed: auto, cpu, cuda, cuda:N, vaapi, vaapi:PATH",
                                   in_quotes(to_string(device))));
}

}  // namespace

const std::string& name_of(const Output& output) {
  return std::visit([](const auto& each) -> const std::string& { return each.name; }, output);
}

std::string to_string(const DevicePreference& device) {
  constexpr std::string_view kNames[] = {"auto", "cpu", "cuda", "vaapi"};
  const std::string_view kind = kNames[static_cast<std::size_t>(device.kind)];
  return device.which.empty() ? std::string(kind) : fmt::format("{}:{}", kind, device.which);
}

std::string source_url_of(const JobSpec& spec) {
  return spec.slides ? slides_url(*spec.slides) : spec.input_url;
}

std::vector<SpecUrl> urls_of(const JobSpec& spec) {
  std::vector<SpecUrl> urls;
  if (!spec.slides) urls.push_back({"input.url", spec.input_url});
  if (spec.slides) add_urls(*spec.slides, urls);
  for (std::size_t i = 0; i < spec.subtitles.size(); ++i)
    urls.push_back({field_path("input.subtitles", i) + ".url", spec.subtitles[i].url});
  for (std::size_t i = 0; i < spec.overlays.size(); ++i)
    urls.push_back({field_path("overlays", i) + ".image.url", spec.overlays[i].url});
  return urls;
}

double segment_seconds_of(const JobSpec& spec) {
  constexpr double kUsual = 4;
  for (const Output& output : spec.outputs)
    if (const auto* adaptive = std::get_if<AdaptiveOutput>(&output)) return adaptive->segment_seconds;
  for (const Output& output : spec.outputs) {
    const auto* file = std::get_if<FileOutput>(&output);
    if (file != nullptr && file->gop_seconds > 0 && file->container != Container::ogg)
      return file->gop_seconds * std::max(1.0, std::round(kUsual / file->gop_seconds));
  }
  return kUsual;
}

Status check_input(const JobSpec& spec) {
  return spec.slides ? check_slides("input", *spec.slides) : check_url("input.url", spec.input_url);
}

Status validate(const JobSpec& spec) {
  if (Status s = check_input(spec); !s.ok()) return s;
  if (Status s = check_outputs(spec.outputs, segment_seconds_of(spec)); !s.ok()) return s;
  if (spec.slides)
    if (Status s = check_no_copies(spec); !s.ok()) return s;
  if (Status s = check_subtitles(spec); !s.ok()) return s;
  if (Status s = check_trim(spec); !s.ok()) return s;
  if (Status s = check_overlays(spec.overlays, spec.outputs); !s.ok()) return s;
  if (Status s = check_range("priority", spec.priority, 0, 100); !s.ok()) return s;
  if (Status s = check_tags(spec.tags); !s.ok()) return s;
  if (Status s = check_device(spec.device); !s.ok()) return s;
  if (spec.cores) return check_range("cores", *spec.cores, 1, 1024);
  return {};
}

}  // namespace millrace::engine
