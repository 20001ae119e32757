#include "engine/job/output_json.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "engine/job/job_spec_json.h"
#include "engine/job/spec_value.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

void read_quality(JsonObject& object, std::optional<double>& quality) {
  double value = 0;
  if (object.read("quality", value)) quality = value;
}

// A language, or the number of a track as `inspect` tells it.
void read_burn(JsonObject& output, std::optional<Burn>& burn) {
  const ordered_json* found = output.find("burn");
  if (found == nullptr) return;
  Burn read;
  if (found->is_string())
    output.read("burn", read.language);
  else if (!found->is_number_integer())
    return output.expect("burn", "a language such as \"eng\", or the number of a subtitle track", *found);
  else if (output.read("burn", read.stream) && read.stream < 0)
    return output.fail(Code::invalid_argument, "burn", "tracks are numbered from 0");
  burn = std::move(read);
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
    object.only({"height", "bitrate", "quality", "max_bitrate", "fps", "codec"});
    Rung rung;
    object.need("height", "the picture's lines, such as 720");
    object.read("height", rung.height);
    read_bits(object, "bitrate", rung.bits_per_second);
    read_quality(object, rung.quality);
    read_bits(object, "max_bitrate", rung.max_bits_per_second);
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
                  fmt::format("{} is no package; allowed: {}", in_quotes(name), names_of<Package>())));
    packages.push_back(package);
  }
}

Result<Output> read_adaptive(JsonObject& object, std::string name) {
  AdaptiveOutput output;
  output.name = std::move(name);
  object.only({"name", "type", "ladder", "package", "segment_seconds", "gop_seconds", "codec", "preset",
               "hdr", "subtitles", "burn", "audio"});
  read_ladder(object, output.ladder);
  read_packages(object, output.packages);
  object.read("segment_seconds", output.segment_seconds);
  object.read_above_zero("gop_seconds", output.gop_seconds);
  object.read_with("codec", output.codec, parse_video_codec);
  object.read("preset", output.preset);
  read_choice(object, "hdr", "sdr", "keep", output.keep_hdr);
  object.read("subtitles", output.subtitles);
  read_burn(object, output.burn);
  read_audio(object, output.audio, AudioCodec::aac, nullptr);
  if (!object.status().ok()) return object.status();
  return Output(output);
}

constexpr std::array<std::string_view, 8> kPictureSettings = {
    "height", "bitrate", "quality", "max_bitrate", "fps", "preset", "gop_seconds", "hdr"};

void read_video(JsonObject& object, FileOutput& output) {
  const ordered_json* found = object.find("video");
  if (found == nullptr) return;
  JsonObject video(*found, object.path_of("video"));
  video.only({"height", "bitrate", "quality", "max_bitrate", "fps", "codec", "preset", "gop_seconds", "hdr"});
  std::string codec;
  if (video.read("codec", codec) && codec == "copy") {
    output.copy_video = true;
    for (const std::string_view setting : kPictureSettings)
      if (video.find(setting) != nullptr)
        video.fail(Code::invalid_argument, setting, "a copy keeps the source's coded pictures; leave it out");
    return object.fail(video.status());
  }
  video.read_with("codec", output.codec, parse_video_codec);
  int height = 0;
  if (video.read("height", height)) output.height = height;
  std::int64_t bits = 0;
  if (read_bits(video, "bitrate", bits)) output.bits_per_second = bits;
  read_quality(video, output.quality);
  read_bits(video, "max_bitrate", output.max_bits_per_second);
  read_rate(video, "fps", output.max_frame_rate);
  video.read("preset", output.preset);
  video.read_above_zero("gop_seconds", output.gop_seconds);
  read_choice(video, "hdr", "sdr", "keep", output.keep_hdr);
  object.fail(video.status());
}

Result<Output> read_file_output(JsonObject& object, std::string name) {
  FileOutput output;
  output.name = std::move(name);
  object.only({"name", "type", "container", "video", "burn", "audio"});
  read_name(object, "container", output.container, "container");
  read_burn(object, output.burn);
  output.codec = video_codecs(output.container).front();
  read_video(object, output);
  read_audio(object, output.audio, audio_codec(output.container), &output.copy_audio);
  if (!object.status().ok()) return object.status();
  return Output(output);
}

Result<Output> read_audio_output(JsonObject& object, std::string name) {
  AudioOutput output;
  output.name = std::move(name);
  object.only({"name", "type", "container", "audio"});
  read_name(object, "container", output.container, "container of sound");
  read_audio(object, output.audio, audio_codec(output.container), &output.copy);
  if (!object.status().ok()) return object.status();
  return Output(output);
}

ordered_json ladder_json(const std::vector<Rung>& ladder) {
  if (ladder.empty()) return "auto";
  ordered_json list = ordered_json::array();
  for (const Rung& rung : ladder) {
    ordered_json json = {{"height", rung.height}};
    if (rung.bits_per_second != 0) json["bitrate"] = rung.bits_per_second;
    if (rung.quality) json["quality"] = *rung.quality;
    if (rung.max_bits_per_second != 0) json["max_bitrate"] = rung.max_bits_per_second;
    if (rung.max_frame_rate.known()) json["fps"] = rate_json(rung.max_frame_rate);
    if (rung.codec) json["codec"] = name_of(*rung.codec);
    list.push_back(std::move(json));
  }
  return list;
}

void add_burn(ordered_json& json, const std::optional<Burn>& burn) {
  if (burn && burn->stream >= 0) json["burn"] = burn->stream;
  if (burn && burn->stream < 0) json["burn"] = burn->language;
}

std::string_view hdr_name(bool keep) { return keep ? "keep" : "sdr"; }

ordered_json output_json_of(const AdaptiveOutput& output) {
  ordered_json packages = ordered_json::array();
  for (const Package package : output.packages) packages.push_back(name_of(package));
  ordered_json json = {{"name", output.name},
                       {"type", "adaptive"},
                       {"ladder", ladder_json(output.ladder)},
                       {"package", std::move(packages)},
                       {"segment_seconds", output.segment_seconds}};
  if (output.gop_seconds != 0) json["gop_seconds"] = output.gop_seconds;
  json["codec"] = name_of(output.codec);
  json["preset"] = output.preset;
  json["hdr"] = hdr_name(output.keep_hdr);
  json["subtitles"] = output.subtitles;
  add_burn(json, output.burn);
  json["audio"] = audio_json(output.audio, AudioCodec::aac, nullptr);
  return json;
}

ordered_json video_json(const FileOutput& output) {
  if (output.copy_video) return {{"codec", "copy"}};
  ordered_json video = ordered_json::object();
  if (output.height) video["height"] = *output.height;
  if (output.bits_per_second) video["bitrate"] = *output.bits_per_second;
  if (output.quality) video["quality"] = *output.quality;
  if (output.max_bits_per_second != 0) video["max_bitrate"] = output.max_bits_per_second;
  if (output.max_frame_rate.known()) video["fps"] = rate_json(output.max_frame_rate);
  video["codec"] = name_of(output.codec);
  video["preset"] = output.preset;
  if (output.gop_seconds != 0) video["gop_seconds"] = output.gop_seconds;
  video["hdr"] = hdr_name(output.keep_hdr);
  return video;
}

ordered_json output_json_of(const FileOutput& output) {
  ordered_json json = {
      {"name", output.name},
      {"type", "file"},
      {"container", name_of(output.container)},
      {"video", video_json(output)},
      {"audio", audio_json(output.audio, audio_codec(output.container), &output.copy_audio)}};
  add_burn(json, output.burn);
  return json;
}

ordered_json output_json_of(const AudioOutput& output) {
  return {{"name", output.name},
          {"type", "audio"},
          {"container", name_of(output.container)},
          {"audio", audio_json(output.audio, audio_codec(output.container), &output.copy)}};
}

}  // namespace

Result<Output> read_output(const ordered_json& json, const std::string& path) {
  constexpr std::string_view kTypes = "adaptive, file, audio, thumbnails, sprites";
  JsonObject object(json, path);
  std::string name;
  std::string type;
  object.need("name", "a name for the output");
  object.need("type", fmt::format("one of {}", kTypes));
  object.read("name", name);
  object.read("type", type);
  if (!object.status().ok()) return object.status();
  if (type == "adaptive") return read_adaptive(object, name);
  if (type == "file") return read_file_output(object, name);
  if (type == "audio") return read_audio_output(object, name);
  if (type == "thumbnails") return read_thumbnails(object, name);
  if (type == "sprites") return read_sprites(object, name);
  object.fail(Code::invalid_argument, "type",
              fmt::format("{} is no type of output; allowed: {}", in_quotes(type), kTypes));
  return object.status();
}

ordered_json output_json(const Output& output) {
  return std::visit([](const auto& each) { return output_json_of(each); }, output);
}

}  // namespace millrace::engine
