// The spelling of outputs, overlays and slides in a spec. For the sources of this folder.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/json_object.h"
#include "engine/job/outputs.h"
#include "engine/job/overlay.h"
#include "engine/job/slide_show.h"

namespace millrace::engine {

// `path` is where the output stands: "outputs[0]".
Result<Output> read_output(const nlohmann::ordered_json& json, const std::string& path);
nlohmann::ordered_json output_json(const Output& output);

// The parts of it that have a source of their own (still_json.cpp).
Result<Output> read_thumbnails(JsonObject& object, std::string name);
Result<Output> read_sprites(JsonObject& object, std::string name);
nlohmann::ordered_json output_json_of(const ThumbnailsOutput& output);
nlohmann::ordered_json output_json_of(const SpritesOutput& output);

void read_overlays(JsonObject& document, std::vector<Overlay>& overlays);
nlohmann::ordered_json overlay_json(const Overlay& overlay);

// An input with the field "slides".
void read_slides(JsonObject& input, SlideShow& show);
nlohmann::ordered_json slides_json(const SlideShow& show);

// "from" and "to" of a trim or an overlay.
void read_span(JsonObject& object, double& from, double& to);

}  // namespace millrace::engine
