#include "server/cli/spec_flags.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/file.h"
#include "engine/job/job_spec_json.h"
#include "engine/job/json_text.h"
#include "server/cli/source_argument.h"

namespace millrace::server {
namespace {

using engine::Code;
using engine::JobSpec;
using engine::Result;
using engine::Status;

constexpr std::size_t kLongestSpec = std::size_t{1} << 20;

Result<std::string> read_standard_input() {
  std::string text;
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return engine::errno_status(errno, "cannot read the spec", "standard input");
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kLongestSpec) return Status(Code::invalid_argument, "--spec -: longer than 1 MiB");
  }
}

// The spec of a file, with `url` as its input where one is given.
Result<JobSpec> read_spec(const std::string& file, const std::string& url) {
  const Result<std::string> text = file == "-" ? read_standard_input() : engine::read_file(file);
  if (!text.ok())
    return Status(Code::invalid_argument, text.status().message()).under("--spec").at_field("spec");
  Result<nlohmann::ordered_json> json = engine::parse_strict_json(*text);
  if (!json.ok()) return json.status().under("--spec " + file).at_field(json.status().field());
  if (json->is_object() && !url.empty()) {
    // What stands beside the URL, such as subtitles, stays.
    auto& input = (*json)["input"];
    if (!input.is_object()) input = nlohmann::ordered_json::object();
    for (const char* of_slides : {"slides", "seconds_each", "background", "size", "audio"})
      input.erase(of_slides);
    if (engine::as_utf8(url) != url)
      return Status(Code::invalid_argument, "SOURCE: a URL is UTF-8; write its other bytes as %XX")
          .at_field("input.url");
    input["url"] = url;
  }
  Result<JobSpec> spec = engine::parse_job_spec(json->dump());
  if (!spec.ok()) return spec.status().under("--spec " + file).at_field(spec.status().field());
  return spec;
}

// Reads one flag's text into a field, when it was given.
template <class T>
Status read_flag(const char* name, const std::string& text, Result<T> (*read)(std::string_view), T& value) {
  if (text.empty()) return {};
  Result<T> given = read(text);
  if (!given.ok()) return given.status().under(name).at_field(name);
  value = std::move(given).value();
  return {};
}

Result<JobSpec> spec_of_flags(const SpecFlags& flags, const std::string& url) {
  JobSpec spec;
  spec.input_url = url;
  engine::AdaptiveOutput adaptive;
  adaptive.name = "abr";
  if (Status s = read_flag("--ladder", flags.ladder, engine::parse_ladder, adaptive.ladder); !s.ok())
    return s;
  if (Status s = read_flag("--package", flags.package, engine::parse_packages, adaptive.packages); !s.ok())
    return s;
  if (Status s = read_flag("--codec", flags.codec, engine::parse_video_codec, adaptive.codec); !s.ok())
    return s;
  if (!flags.preset.empty()) adaptive.preset = flags.preset;
  spec.outputs.emplace_back(adaptive);
  if (flags.mp4) {
    engine::FileOutput file;
    file.name = "web";
    file.codec = adaptive.codec;
    file.preset = adaptive.preset;
    spec.outputs.emplace_back(file);
  }
  return spec;
}

}  // namespace

void SpecFlags::add_to(CLI::App& command) {
  command.add_option("SOURCE", source, "a file or a URL; may be left out where --spec has an input");
  CLI::Option* whole =
      command.add_option("--spec", spec, "the job's spec as JSON: a file, or - for standard input");
  const auto part = [&](const char* name, std::string& value, const char* help) {
    command.add_option(name, value, help)->excludes(whole);
  };
  part("--ladder", ladder, "auto, or heights such as 1080p,720p");
  part("--package", package, "hls, dash or hls,dash");
  command.add_flag("--mp4", mp4, "also one MP4 file, web.mp4")->excludes(whole);
  part("--codec", codec, "h264, hevc, av1 or vp9");
  part("--preset", preset, "x264's names, from ultrafast to veryslow");
  command.add_option("--trim", trim, "FROM:TO in seconds, to the frame; either may be left out, as in 10:");
  command.add_option("--on-damage", on_damage,
                     "refuse: damage in the source fails the job; accept: what decodes is used");
  command.add_flag("--full-decode", full_decode,
                   "decode every segment again in full, also where the key frames are thought enough");
  command.add_option("--device", device, "auto, cpu, cuda[:N] or vaapi[:PATH]");
  command.add_option("--jobs", cores, "CPU cores to use; all that the machine gives when left out")
      ->check(CLI::Range(1, 1024));
}

Result<JobSpec> job_spec_of(const SpecFlags& flags) {
  if (flags.source.empty() && flags.spec.empty())
    return Status(Code::invalid_argument,
                  "SOURCE: missing; name a file or a URL, or give a --spec with an input")
        .at_field("SOURCE");
  std::string url;
  if (!flags.source.empty()) {
    Result<std::string> given = url_of_source(flags.source);
    if (!given.ok()) return given.status();
    url = std::move(given).value();
  }
  Result<JobSpec> spec = flags.spec.empty() ? spec_of_flags(flags, url) : read_spec(flags.spec, url);
  if (!spec.ok()) return spec;
  if (Status s = read_flag("--device", flags.device, engine::parse_device, spec->device); !s.ok()) return s;
  if (Status s = read_flag("--trim", flags.trim, engine::parse_trim, spec->trim); !s.ok()) return s;
  if (Status s = read_flag("--on-damage", flags.on_damage, engine::parse_on_damage, spec->on_damage); !s.ok())
    return s;
  if (flags.full_decode) spec->full_decode = true;
  if (flags.cores > 0) spec->cores = flags.cores;
  if (Status s = engine::validate(*spec); !s.ok()) return s;
  return spec;
}

}  // namespace millrace::server
