// The spelling of thumbnails and sprites.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/job/job_spec_json.h"
#include "engine/job/output_json.h"
#include "engine/job/spec_value.h"

namespace millrace::engine {

using nlohmann::ordered_json;

Result<Output> read_thumbnails(JsonObject& object, std::string name) {
  ThumbnailsOutput output;
  output.name = std::move(name);
  object.only({"name", "type", "at", "every", "size", "width", "height", "format"});
  read_list(object, "at", output.at);
  object.read_above_zero("every", output.every);
  if (object.find("size") != nullptr) {
    PictureSize size;
    object.read_with("size", size, parse_size);
    output.width = size.width;
    output.height = size.height;
    for (const std::string_view side : {"width", "height"})
      if (object.find(side) != nullptr)
        object.fail(Code::invalid_argument, side, "stands beside size; give one of the two");
  }
  object.read_above_zero("width", output.width);
  object.read_above_zero("height", output.height);
  read_name(object, "format", output.format, "format of a still");
  if (!object.status().ok()) return object.status();
  return Output(output);
}

Result<Output> read_sprites(JsonObject& object, std::string name) {
  SpritesOutput output;
  output.name = std::move(name);
  object.only({"name", "type", "every", "width", "columns", "format"});
  object.read_above_zero("every", output.every);
  object.read("width", output.width);
  object.read("columns", output.columns);
  read_name(object, "format", output.format, "format of a still");
  if (!object.status().ok()) return object.status();
  return Output(output);
}

ordered_json output_json_of(const ThumbnailsOutput& output) {
  ordered_json json = {{"name", output.name}, {"type", "thumbnails"}};
  if (!output.at.empty()) json["at"] = output.at;
  if (output.every != 0) json["every"] = output.every;
  if (output.width != 0 && output.height != 0) {
    json["size"] = fmt::format("{}x{}", output.width, output.height);
  } else if (output.width != 0) {
    json["width"] = output.width;
  } else if (output.height != 0) {
    json["height"] = output.height;
  }
  json["format"] = name_of(output.format);
  return json;
}

ordered_json output_json_of(const SpritesOutput& output) {
  return {{"name", output.name},   {"type", "sprites"},         {"every", output.every},
          {"width", output.width}, {"columns", output.columns}, {"format", name_of(output.format)}};
}

}  // namespace millrace::engine
