#include "engine/job/job_spec_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/job/json_object.h"
#include "engine/job/json_text.h"
#include "engine/job/output_json.h"
#include "engine/job/spec_value.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

void read_subtitles(JsonObject& input, std::vector<SubtitleFile>& files) {
  const ordered_json* found = input.find("subtitles");
  if (found == nullptr) return;
  if (!found->is_array()) return input.expect("subtitles", "a list", *found);
  for (const auto& each : *found) {
    JsonObject object(each, field_path(input.path_of("subtitles"), files.size()));
    object.only({"url", "language", "label"});
    SubtitleFile file;
    object.need("url", "a file: URL such as file:///media/in.srt");
    object.need("language", "its ISO 639 code, such as eng");
    object.read("url", file.url);
    object.read("language", file.language);
    object.read("label", file.label);
    if (!object.status().ok()) return input.fail(object.status());
    files.push_back(file);
  }
}

void read_source(JsonObject& input, JobSpec& spec) {
  if (input.find("slides") != nullptr) {
    input.only({"slides", "seconds_each", "background", "size", "audio", "subtitles"});
    read_slides(input, spec.slides.emplace());
  } else {
    input.only({"url", "subtitles"});
    input.need("url", "a file: URL such as file:///media/in.mov; or slides");
    input.read("url", spec.input_url);
  }
  read_subtitles(input, spec.subtitles);
}

void read_input(JsonObject& document, JobSpec& spec) {
  const ordered_json* found = document.need("input", "{\"url\": \"file:///media/in.mov\"}");
  if (found == nullptr) return;
  JsonObject input(*found, "input");
  read_source(input, spec);
  document.fail(input.status());
}

void read_trim(JsonObject& document, Trim& trim) {
  const ordered_json* found = document.find("trim");
  if (found == nullptr) return;
  JsonObject object(*found, "trim");
  object.only({"from", "to"});
  read_span(object, trim.from, trim.to);
  document.fail(object.status());
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
      return document.fail(Code::invalid_argument, field_path("tags", key),
                           fmt::format("a text is expected, not {}", kind_of(value)));
    tags[key] = value.get<std::string>();
  }
}

ordered_json input_json(const JobSpec& spec) {
  ordered_json json = ordered_json::object();
  if (spec.slides) {
    json = slides_json(*spec.slides);
  } else {
    json["url"] = spec.input_url;
  }
  for (const SubtitleFile& file : spec.subtitles) {
    ordered_json each = {{"url", file.url}, {"language", file.language}};
    if (!file.label.empty()) each["label"] = file.label;
    json["subtitles"].push_back(std::move(each));
  }
  return json;
}

}  // namespace

Result<JobSpec> parse_job_spec(std::string_view text) {
  const Result<ordered_json> json = parse_strict_json(text);
  if (!json.ok()) return json.status();
  JobSpec spec;
  JsonObject document(*json, "");
  document.not_built({"notify"});
  document.only({"input", "outputs", "overlays", "trim", "on_damage", "real_time", "full_decode", "priority",
                 "tags", "device", "cores"});
  read_input(document, spec);
  read_outputs(document, spec.outputs);
  read_overlays(document, spec.overlays);
  read_trim(document, spec.trim);
  read_name(document, "on_damage", spec.on_damage, "answer to damage");
  document.read("real_time", spec.real_time);
  document.read("full_decode", spec.full_decode);
  document.read("priority", spec.priority);
  read_tags(document, spec.tags);
  document.read_with("device", spec.device, parse_device);
  int cores = 0;
  if (document.read("cores", cores)) spec.cores = cores;
  if (!document.status().ok()) return document.status();
  if (Status s = validate(spec); !s.ok()) return s;
  return spec;
}

Result<JobSpec> parse_job_input(std::string_view text) {
  const Result<ordered_json> json = parse_strict_json(text);
  if (!json.ok()) return json.status();
  JobSpec spec;
  JsonObject input(*json, "");
  read_source(input, spec);
  if (!spec.subtitles.empty())
    input.fail(Code::invalid_argument, "subtitles", "they are not looked at; leave them out");
  if (!input.status().ok()) return input.status();
  if (Status s = check_input(spec); !s.ok()) return s;
  return spec;
}

ordered_json to_json(const JobSpec& spec) {
  ordered_json json = {{"input", input_json(spec)}, {"outputs", ordered_json::array()}};
  for (const Output& output : spec.outputs) json["outputs"].push_back(output_json(output));
  for (const Overlay& overlay : spec.overlays) json["overlays"].push_back(overlay_json(overlay));
  if (spec.trim.from != 0 || spec.trim.to != 0) {
    json["trim"]["from"] = spec.trim.from;
    if (spec.trim.to != 0) json["trim"]["to"] = spec.trim.to;
  }
  json["on_damage"] = name_of(spec.on_damage);
  json["real_time"] = spec.real_time;
  json["full_decode"] = spec.full_decode;
  json["priority"] = spec.priority;
  json["tags"] = ordered_json::object();
  for (const auto& [key, value] : spec.tags) json["tags"][key] = value;
  json["device"] = to_string(spec.device);
  if (spec.cores) json["cores"] = *spec.cores;
  return json;
}

}  // namespace millrace::engine
