// The spelling of slide shows.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/job/job_spec_json.h"
#include "engine/job/output_json.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

Result<Slide> read_slide(const ordered_json& json, const std::string& path) {
  JsonObject object(json, path);
  object.only({"image", "text", "seconds"});
  Slide slide;
  object.read("image", slide.image);
  object.read("text", slide.text);
  object.read_above_zero("seconds", slide.seconds);
  if (!object.status().ok()) return object.status();
  return slide;
}

}  // namespace

void read_slides(JsonObject& input, SlideShow& show) {
  const ordered_json* found = input.need("slides", "a list of {\"image\": URL} and {\"text\": \"...\"}");
  if (found == nullptr) return;
  if (!found->is_array()) return input.expect("slides", "a list", *found);
  for (const auto& each : *found) {
    Result<Slide> slide = read_slide(each, field_path(input.path_of("slides"), show.slides.size()));
    if (!slide.ok()) return input.fail(slide.status());
    show.slides.push_back(*std::move(slide));
  }
  input.read_above_zero("seconds_each", show.seconds_each);
  input.read("background", show.background);
  PictureSize size;
  input.read_with("size", size, parse_size);
  show.width = size.width;
  show.height = size.height;
  if (input.read("audio", show.audio) && show.audio.empty())
    input.fail(Code::invalid_argument, "audio", "empty; give a URL, or leave it out");
}

ordered_json slides_json(const SlideShow& show) {
  ordered_json json = {{"slides", ordered_json::array()},
                       {"seconds_each", show.seconds_each},
                       {"background", show.background}};
  for (const Slide& slide : show.slides) {
    ordered_json each;
    each[slide.text.empty() ? "image" : "text"] = slide.text.empty() ? slide.image : slide.text;
    if (slide.seconds > 0) each["seconds"] = slide.seconds;
    json["slides"].push_back(std::move(each));
  }
  if (show.width > 0) json["size"] = fmt::format("{}x{}", show.width, show.height);
  if (!show.audio.empty()) json["audio"] = show.audio;
  return json;
}

}  // namespace millrace::engine
