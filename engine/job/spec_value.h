// Values of a spec that several of its parts share, from JSON and back. For the sources of this folder.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/rational.h"
#include "engine/job/json_object.h"
#include "engine/job/names.h"
#include "engine/job/outputs.h"

namespace millrace::engine {

// 30, 29.97 (which means 30000/1001) or "30000/1001".
void read_rate(JsonObject& object, std::string_view name, Rational& rate);
nlohmann::ordered_json rate_json(const Rational& rate);

// "2.8M" or bits per second.
bool read_bits(JsonObject& object, std::string_view name, std::int64_t& bits);

// The name of an enum's value; `what` is the word for it in a refusal.
template <class Enum>
void read_name(JsonObject& object, std::string_view name, Enum& value, std::string_view what) {
  std::string text;
  if (object.read(name, text) && !from_name(text, value))
    object.fail(Code::invalid_argument, name,
                fmt::format("{} is no {}; allowed: {}", in_quotes(text), what, names_of<Enum>()));
}

// One text of two; gives true for the second.
void read_choice(JsonObject& object, std::string_view name, std::string_view no, std::string_view yes,
                 bool& value);

// A list of numbers, or of texts.
void read_list(JsonObject& object, std::string_view name, std::vector<double>& values);
void read_list(JsonObject& object, std::string_view name, std::vector<std::string>& values);

// The object "audio". `copy` is null where the sound cannot be copied: the field codec does not exist there
// then.
void read_audio(JsonObject& output, AudioSettings& audio, AudioCodec codec, bool* copy);
nlohmann::ordered_json audio_json(const AudioSettings& audio, AudioCodec codec, const bool* copy);

}  // namespace millrace::engine
