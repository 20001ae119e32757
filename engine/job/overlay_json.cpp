// The spelling of overlays.
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/job/job_spec_json.h"
#include "engine/job/output_json.h"
#include "engine/job/spec_value.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

bool read_length(JsonObject& object, std::string_view name, Length& length) {
  const ordered_json* found = object.find(name);
  if (found == nullptr) return false;
  if (found->is_number()) {
    length = {found->get<double>(), false};
    return true;
  }
  if (!found->is_string()) {
    object.expect(name, "a number of pixels or a text such as \"15%\"", *found);
    return false;
  }
  object.read_with(name, length, parse_percent);
  return object.status().ok();
}

ordered_json length_json(const Length& length) {
  if (!length.percent) return length.value;
  // The shortest digits that read back as the same number, never with an exponent.
  std::array<char, 512> digits;
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), length.value, std::chars_format::fixed);
  return error == std::errc{} ? std::string(digits.data(), end) + "%" : "0%";
}

void read_image(JsonObject& overlay, std::string& url) {
  const ordered_json* found = overlay.need("image", "{\"url\": \"file:///media/logo.png\"}");
  if (found == nullptr) return;
  JsonObject image(*found, overlay.path_of("image"));
  image.only({"url"});
  image.need("url", "a file: URL such as file:///media/logo.png");
  image.read("url", url);
  overlay.fail(image.status());
}

Result<Overlay> read_overlay(const ordered_json& json, const std::string& path) {
  JsonObject object(json, path);
  object.only({"image", "anchor", "x", "y", "width", "height", "opacity", "from", "to"});
  Overlay overlay;
  read_image(object, overlay.url);
  read_name(object, "anchor", overlay.anchor, "anchor");
  read_length(object, "x", overlay.x);
  read_length(object, "y", overlay.y);
  Length side;
  if (read_length(object, "width", side)) overlay.width = side;
  if (read_length(object, "height", side)) overlay.height = side;
  object.read("opacity", overlay.opacity);
  read_span(object, overlay.from, overlay.to);
  if (!object.status().ok()) return object.status();
  return overlay;
}

}  // namespace

void read_span(JsonObject& object, double& from, double& to) {
  object.read("from", from);
  object.read_above_zero("to", to);
}

void read_overlays(JsonObject& document, std::vector<Overlay>& overlays) {
  const ordered_json* found = document.find("overlays");
  if (found == nullptr) return;
  if (!found->is_array()) return document.expect("overlays", "a list", *found);
  for (const auto& each : *found) {
    Result<Overlay> overlay = read_overlay(each, field_path("overlays", overlays.size()));
    if (!overlay.ok()) return document.fail(overlay.status());
    overlays.push_back(*std::move(overlay));
  }
}

ordered_json overlay_json(const Overlay& overlay) {
  ordered_json json = {{"image", {{"url", overlay.url}}},
                       {"anchor", name_of(overlay.anchor)},
                       {"x", length_json(overlay.x)},
                       {"y", length_json(overlay.y)}};
  if (overlay.width) json["width"] = length_json(*overlay.width);
  if (overlay.height) json["height"] = length_json(*overlay.height);
  json["opacity"] = overlay.opacity;
  json["from"] = overlay.from;
  if (overlay.to != 0) json["to"] = overlay.to;
  return json;
}

}  // namespace millrace::engine
