#include "engine/job/job_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "engine/job/json_text.h"
#include "engine/job/names.h"

namespace millrace::engine {
namespace {

constexpr std::size_t kMostOutputs = 32;
constexpr std::size_t kMostRungs = 16;
constexpr std::size_t kMostTags = 32;
constexpr std::size_t kLongestTag = 256;
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestUrl = 4096;

Status bad(const std::string& field, std::string_view sentence) {
  return refused(Code::invalid_argument, field, sentence);
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

bool is_name(std::string_view text, std::string_view others) {
  return !text.empty() && text.size() <= kLongestName && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_word(c) || others.find(c) != std::string_view::npos;
  });
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// "file" of "file:///a"; empty for a path (RFC 3986 §3.1: a letter, then letters, digits, '+', '-', '.').
std::string scheme_of(std::string_view url) {
  const auto colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0 || std::isalpha(static_cast<unsigned char>(url[0])) == 0)
    return {};
  std::string scheme(url.substr(0, colon));
  for (char& c : scheme) {
    if (!is_word(c) && c != '+' && c != '-' && c != '.') return {};
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return scheme;
}

Status check_input(const std::string& url) {
  const std::string field = "input.url";
  if (url.empty()) return bad(field, "empty; give a file: URL such as file:///media/in.mov");
  if (url.size() > kLongestUrl) return bad(field, fmt::format("longer than {} bytes", kLongestUrl));
  if (!is_utf8(url)) return bad(field, "not UTF-8; write other bytes of a file name as %XX in a file: URL");
  if (has_control_character(url) || url.find("%00") != std::string::npos)
    return bad(field, "holds a control character; write it as %XX (never %00)");
  const std::string scheme = scheme_of(url);
  if (scheme.empty()) return {};
  if (scheme == "file") {
    const std::string_view rest = std::string_view(url).substr(5);
    const bool has_host =
        rest.starts_with("//") && !rest.starts_with("///") && !rest.starts_with("//localhost/");
    if (!rest.starts_with("/") || has_host)
      return bad(field, "a file: URL has a full path and no host; write file:///media/in.mov");
    return {};
  }
  for (const std::string_view known : {"upload", "http", "https", "s3", "rtsp", "rtmp", "srt"}) {
    if (scheme == known)
      return refused(Code::unsupported, field,
                     fmt::format("input from {}: is not built yet; give a file: URL", known));
  }
  return bad(field, fmt::format("unknown kind {}; allowed: file: (a path with a colon is written ./a:b)",
                                in_quotes(scheme)));
}

Status check_range(const std::string& field, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return {};
  return bad(field, fmt::format("{} is out of range; allowed: {} to {}", value, least, most));
}

Status check_height(const std::string& field, int height) {
  if (height >= 96 && height <= 4320 && height % 2 == 0) return {};
  return bad(field, fmt::format("{} is not allowed; give an even number of lines from 96 to 4320", height));
}

Status check_video_bits(const std::string& field, std::int64_t bits) {
  return check_range(field, bits, 10'000, 200'000'000);
}

Status check_frame_rate(const std::string& field, const Rational& rate) {
  if (rate.numerator == 0) return {};
  if (rate.known() && rate.as_double() >= 1 && rate.as_double() <= 240) return {};
  return bad(field, fmt::format("{} frames per second is out of range; allowed: 1 to 240", rate.as_double()));
}

Status check_codec(const std::string& field, VideoCodec codec) {
  if (codec == VideoCodec::h264) return {};
  return refused(Code::unsupported, field, fmt::format("{} is not built yet; use h264", name_of(codec)));
}

Status check_preset(const std::string& field, const std::string& preset) {
  if (is_preset(preset)) return {};
  return bad(field, fmt::format("{} is not a preset; allowed: {}", in_quotes(preset), preset_names()));
}

Status check_audio(const std::string& field, const AudioSettings& audio) {
  return check_range(field + ".bitrate", audio.bits_per_second, 16'000, 512'000);
}

Status check_ladder(const std::string& field, const std::vector<Rung>& ladder) {
  if (ladder.size() > kMostRungs) return bad(field, fmt::format("more than {} rungs", kMostRungs));
  std::set<int> heights;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    const Rung& rung = ladder[i];
    const std::string here = field_path(field, i);
    if (Status s = check_height(here + ".height", rung.height); !s.ok()) return s;
    if (!heights.insert(rung.height).second)
      return bad(here + ".height", fmt::format("{} stands twice; give each height once", rung.height));
    if (rung.bits_per_second != 0) {
      if (Status s = check_video_bits(here + ".bitrate", rung.bits_per_second); !s.ok()) return s;
    }
    if (Status s = check_frame_rate(here + ".fps", rung.max_frame_rate); !s.ok()) return s;
    if (Status s = check_codec(here + ".codec", rung.codec.value_or(VideoCodec::h264)); !s.ok()) return s;
  }
  return {};
}

Status check_output(const std::string& field, const AdaptiveOutput& output) {
  if (Status s = check_ladder(field + ".ladder", output.ladder); !s.ok()) return s;
  if (output.packages.empty())
    return bad(field + ".package", "empty; give one or more of " + package_names());
  if (std::set<Package>(output.packages.begin(), output.packages.end()).size() != output.packages.size())
    return bad(field + ".package", "a package stands twice; give each once");
  if (!(output.segment_seconds >= 1 && output.segment_seconds <= 10))
    return bad(field + ".segment_seconds",
               fmt::format("{} is out of range; allowed: 1 to 10", output.segment_seconds));
  if (Status s = check_codec(field + ".codec", output.codec); !s.ok()) return s;
  if (Status s = check_preset(field + ".preset", output.preset); !s.ok()) return s;
  return check_audio(field + ".audio", output.audio);
}

Status check_output(const std::string& field, const FileOutput& output) {
  if (output.container != Container::mp4)
    return refused(Code::unsupported, field + ".container",
                   fmt::format("{} is not built yet; use mp4", name_of(output.container)));
  const std::string video = field + ".video";
  if (output.height) {
    if (Status s = check_height(video + ".height", *output.height); !s.ok()) return s;
  }
  if (output.bits_per_second) {
    if (Status s = check_video_bits(video + ".bitrate", *output.bits_per_second); !s.ok()) return s;
  }
  if (Status s = check_frame_rate(video + ".fps", output.max_frame_rate); !s.ok()) return s;
  if (Status s = check_codec(video + ".codec", output.codec); !s.ok()) return s;
  if (Status s = check_preset(video + ".preset", output.preset); !s.ok()) return s;
  return check_audio(field + ".audio", output.audio);
}

Status check_outputs(const std::vector<Output>& outputs) {
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
    if (Status s = std::visit([&](const auto& output) { return check_output(field, output); }, outputs[i]);
        !s.ok())
      return s;
    const auto* adaptive = std::get_if<AdaptiveOutput>(&outputs[i]);
    if (adaptive == nullptr) continue;
    if (first_adaptive == nullptr) first_adaptive = adaptive;
    if (adaptive->segment_seconds != first_adaptive->segment_seconds)
      return refused(
          Code::unsupported, field + ".segment_seconds",
          fmt::format("{} differs from the {} of '{}'; one job has one grid: give both the same",
                      adaptive->segment_seconds, first_adaptive->segment_seconds, first_adaptive->name));
  }
  return {};
}

Status check_tags(const std::map<std::string, std::string>& tags) {
  if (tags.size() > kMostTags) return bad("tags", fmt::format("more than {} tags", kMostTags));
  for (const auto& [key, value] : tags) {
    if (!is_name(key, "_-."))
      return bad("tags", fmt::format("{} is no tag; use 1 to {} letters, digits, '_', '-' and '.'",
                                     in_quotes(key), kLongestName));
    if (value.size() > kLongestTag || has_control_character(value) || !is_utf8(value))
      return bad("tags." + key, fmt::format("the value must be plain text of at most {} bytes", kLongestTag));
  }
  return {};
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

Status validate(const JobSpec& spec) {
  if (Status s = check_input(spec.input_url); !s.ok()) return s;
  if (Status s = check_outputs(spec.outputs); !s.ok()) return s;
  if (Status s = check_range("priority", spec.priority, 0, 100); !s.ok()) return s;
  if (Status s = check_tags(spec.tags); !s.ok()) return s;
  if (Status s = check_device(spec.device); !s.ok()) return s;
  if (spec.cores) return check_range("cores", *spec.cores, 1, 1024);
  return {};
}

}  // namespace millrace::engine
