#include "engine/job/job_spec_json.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "engine/job/json_object.h"
#include "engine/job/json_text.h"
#include "engine/job/names.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

// People write 29.97 and mean 30000/1001: the exact rate keeps a limit from dropping a frame every few
// minutes.
Rational exact_rate(const Rational& written) {
  struct Known {
    Rational written;
    Rational exact;
  };
  static constexpr std::array<Known, 7> kKnown = {{{{23976, 1000}, {24000, 1001}},
                                                   {{2398, 100}, {24000, 1001}},
                                                   {{2997, 100}, {30000, 1001}},
                                                   {{4795, 100}, {48000, 1001}},
                                                   {{47952, 1000}, {48000, 1001}},
                                                   {{5994, 100}, {60000, 1001}},
                                                   {{11988, 100}, {120000, 1001}}}};
  for (const Known& known : kKnown)
    if (known.written == written) return known.exact;
  return written;
}

void read_rate(JsonObject& object, std::string_view name, Rational& rate) {
  const ordered_json* found = object.find(name);
  if (found == nullptr) return;
  if (!found->is_number() && !found->is_string())
    return object.expect(name, "a number or a ratio as text", *found);
  const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
  const bool whole_float = found->is_number_float() && text.ends_with(".0");
  const auto value = rational_from(whole_float ? std::string_view(text).substr(0, text.size() - 2) : text);
  // Small terms only: what is compared later must not overflow.
  if (!value || !value->known() || value->numerator > 10'000'000 || value->denominator > 10'000'000)
    return object.fail(
        Code::invalid_argument, name,
        fmt::format("{} is no frame rate; write 30, 29.97 or \"30000/1001\"", in_quotes(text)));
  rate = exact_rate(*value);
}

bool read_bits(JsonObject& object, std::string_view name, std::int64_t& bits) {
  const ordered_json* found = object.find(name);
  if (found == nullptr) return false;
  if (!found->is_string() && !found->is_number_integer()) {
    object.expect(name, "a text such as \"2.8M\" or a whole number of bits per second", *found);
    return false;
  }
  const Result<std::int64_t> read =
      parse_bit_rate(found->is_string() ? found->get<std::string>() : found->dump());
  if (!read.ok()) {
    object.fail(read.status().code(), name, read.status().message());
    return false;
  }
  bits = *read;
  return true;
}

void read_audio(JsonObject& output, AudioSettings& audio) {
  const ordered_json* found = output.find("audio");
  if (found == nullptr) return;
  JsonObject object(*found, output.path_of("audio"));
  object.only({"bitrate"});
  read_bits(object, "bitrate", audio.bits_per_second);
  output.fail(object.status());
}

void read_ladder(JsonObject& output, std::vector<Rung>& ladder) {
  const ordered_json* found = output.find("ladder");
  if (found == nullptr) return;
  if (found->is_string()) return output.read_with("ladder", ladder, parse_ladder);
  if (!found->is_array()) return output.expect("ladder", "\"auto\" or a list of rungs", *found);
  if (found->empty())
    return output.fail(Code::invalid_argument, "ladder", "empty; give \"auto\" or at least one rung");
  for (const auto& each : *found) {
    JsonObject object(each, field_path(output.path_of("ladder"), ladder.size()));
    object.only({"height", "bitrate", "fps", "codec"});
    Rung rung;
    object.need("height", "the picture's lines, such as 720");
    object.read("height", rung.height);
    read_bits(object, "bitrate", rung.bits_per_second);
    read_rate(object, "fps", rung.max_frame_rate);
    if (object.find("codec") != nullptr) object.read_with("codec", rung.codec, parse_video_codec);
    if (!object.status().ok()) return output.fail(object.status());
    ladder.push_back(rung);
  }
}

void read_packages(JsonObject& output, std::vector<Package>& packages) {
  const ordered_json* found = output.find("package");
  if (found == nullptr) return;
  if (!found->is_array()) return output.expect("package", "a list such as [\"hls\", \"dash\"]", *found);
  packages.clear();
  for (const auto& each : *found) {
    const std::string name = each.is_string() ? each.get<std::string>() : each.dump();
    Package package{};
    if (!each.is_string() || !from_name(name, package))
      return output.fail(
          refused(Code::invalid_argument, field_path(output.path_of("package"), packages.size()),
                  fmt::format("{} is no package; allowed: {}", in_quotes(name), package_names())));
    packages.push_back(package);
  }
}

Result<Output> read_adaptive(JsonObject& object, std::string name) {
  AdaptiveOutput output;
  output.name = std::move(name);
  object.only({"name", "type", "ladder", "package", "segment_seconds", "codec", "preset", "audio"});
  read_ladder(object, output.ladder);
  read_packages(object, output.packages);
  object.read("segment_seconds", output.segment_seconds);
  object.read_with("codec", output.codec, parse_video_codec);
  object.read("preset", output.preset);
  read_audio(object, output.audio);
  if (!object.status().ok()) return object.status();
  return Output(output);
}

Result<Output> read_file_output(JsonObject& object, std::string name) {
  FileOutput output;
  output.name = std::move(name);
  object.only({"name", "type", "container", "video", "audio"});
  std::string container(name_of(output.container));
  object.read("container", container);
  if (!from_name(container, output.container))
    object.fail(Code::invalid_argument, "container",
                fmt::format("{} is no container; allowed: {}", in_quotes(container), container_names()));
  if (const ordered_json* found = object.find("video")) {
    JsonObject video(*found, object.path_of("video"));
    video.only({"height", "bitrate", "fps", "codec", "preset"});
    int height = 0;
    if (video.read("height", height)) output.height = height;
    std::int64_t bits = 0;
    if (read_bits(video, "bitrate", bits)) output.bits_per_second = bits;
    read_rate(video, "fps", output.max_frame_rate);
    video.read_with("codec", output.codec, parse_video_codec);
    video.read("preset", output.preset);
    object.fail(video.status());
  }
  read_audio(object, output.audio);
  if (!object.status().ok()) return object.status();
  return Output(output);
}

Result<Output> read_output(const ordered_json& json, const std::string& path) {
  JsonObject object(json, path);
  std::string name;
  std::string type;
  object.need("name", "a name for the output");
  object.need("type", "adaptive or file");
  object.read("name", name);
  object.read("type", type);
  if (!object.status().ok()) return object.status();
  if (type == "adaptive") return read_adaptive(object, name);
  if (type == "file") return read_file_output(object, name);
  if (type == "audio" || type == "thumbnails" || type == "sprites") {
    object.fail(Code::unsupported, "type", fmt::format("{} is not built yet; use adaptive or file", type));
  } else {
    object.fail(Code::invalid_argument, "type",
                fmt::format("{} is no type of output; allowed: adaptive, file", in_quotes(type)));
  }
  return object.status();
}

void read_input(JsonObject& document, std::string& url) {
  const ordered_json* found = document.need("input", "{\"url\": \"file:///media/in.mov\"}");
  if (found == nullptr) return;
  JsonObject input(*found, "input");
  input.not_built({"slides", "seconds_each"});
  input.only({"url"});
  input.need("url", "a file: URL such as file:///media/in.mov");
  input.read("url", url);
  document.fail(input.status());
}

void read_outputs(JsonObject& document, std::vector<Output>& outputs) {
  const ordered_json* found = document.need("outputs", "a list of outputs");
  if (found == nullptr) return;
  if (!found->is_array()) return document.expect("outputs", "a list", *found);
  for (const auto& each : *found) {
    Result<Output> output = read_output(each, field_path("outputs", outputs.size()));
    if (!output.ok()) return document.fail(output.status());
    outputs.push_back(*std::move(output));
  }
}

void read_tags(JsonObject& document, std::map<std::string, std::string>& tags) {
  const ordered_json* found = document.find("tags");
  if (found == nullptr) return;
  if (!found->is_object()) return document.expect("tags", "an object of texts", *found);
  for (const auto& [key, value] : found->items()) {
    if (!value.is_string())
      return document.fail(Code::invalid_argument, field_path("tags", key.substr(0, 100)),
                           fmt::format("a text is expected, not {}", kind_of(value)));
    tags[key] = value.get<std::string>();
  }
}

ordered_json rate_json(const Rational& rate) {
  const Rational shortest = rate.reduced();
  if (shortest.denominator == 1) return shortest.numerator;
  return to_string(shortest);
}

ordered_json ladder_json(const std::vector<Rung>& ladder) {
  if (ladder.empty()) return "auto";
  ordered_json list = ordered_json::array();
  for (const Rung& rung : ladder) {
    ordered_json json = {{"height", rung.height}};
    if (rung.bits_per_second != 0) json["bitrate"] = rung.bits_per_second;
    if (rung.max_frame_rate.known()) json["fps"] = rate_json(rung.max_frame_rate);
    if (rung.codec) json["codec"] = name_of(*rung.codec);
    list.push_back(std::move(json));
  }
  return list;
}

ordered_json output_json(const AdaptiveOutput& output) {
  ordered_json packages = ordered_json::array();
  for (const Package package : output.packages) packages.push_back(name_of(package));
  return {{"name", output.name},
          {"type", "adaptive"},
          {"ladder", ladder_json(output.ladder)},
          {"package", std::move(packages)},
          {"segment_seconds", output.segment_seconds},
          {"codec", name_of(output.codec)},
          {"preset", output.preset},
          {"audio", {{"bitrate", output.audio.bits_per_second}}}};
}

ordered_json output_json(const FileOutput& output) {
  ordered_json video = ordered_json::object();
  if (output.height) video["height"] = *output.height;
  if (output.bits_per_second) video["bitrate"] = *output.bits_per_second;
  if (output.max_frame_rate.known()) video["fps"] = rate_json(output.max_frame_rate);
  video["codec"] = name_of(output.codec);
  video["preset"] = output.preset;
  return {{"name", output.name},
          {"type", "file"},
          {"container", name_of(output.container)},
          {"video", std::move(video)},
          {"audio", {{"bitrate", output.audio.bits_per_second}}}};
}

}  // namespace

Result<JobSpec> parse_job_spec(std::string_view text) {
  const Result<ordered_json> json = parse_strict_json(text);
  if (!json.ok()) return json.status();
  JobSpec spec;
  JsonObject document(*json, "");
  document.not_built({"overlays", "trim", "notify"});
  document.only({"input", "outputs", "priority", "tags", "device", "cores"});
  read_input(document, spec.input_url);
  read_outputs(document, spec.outputs);
  document.read("priority", spec.priority);
  read_tags(document, spec.tags);
  document.read_with("device", spec.device, parse_device);
  int cores = 0;
  if (document.read("cores", cores)) spec.cores = cores;
  if (!document.status().ok()) return document.status();
  if (Status s = validate(spec); !s.ok()) return s;
  return spec;
}

ordered_json to_json(const JobSpec& spec) {
  ordered_json json = {{"input", {{"url", spec.input_url}}}, {"outputs", ordered_json::array()}};
  for (const Output& output : spec.outputs)
    json["outputs"].push_back(std::visit([](const auto& each) { return output_json(each); }, output));
  json["priority"] = spec.priority;
  json["tags"] = ordered_json::object();
  for (const auto& [key, value] : spec.tags) json["tags"][key] = value;
  json["device"] = to_string(spec.device);
  if (spec.cores) json["cores"] = *spec.cores;
  return json;
}

}  // namespace millrace::engine
