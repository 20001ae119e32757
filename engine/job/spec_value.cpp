#include "engine/job/spec_value.h"

#include <array>
#include <nlohmann/json.hpp>

#include "engine/job/job_spec_json.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kCopy = "copy";

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

// The items of a list, each of the kind that `take` accepts.
template <class Take>
void read_items(JsonObject& object, std::string_view name, std::string_view what, Take take) {
  const ordered_json* found = object.find(name);
  if (found == nullptr) return;
  if (!found->is_array()) return object.expect(name, fmt::format("a list of {}s", what), *found);
  for (std::size_t i = 0; i < found->size(); ++i) {
    const ordered_json& item = (*found)[i];
    if (!take(item))
      return object.fail(refused(Code::invalid_argument, field_path(object.path_of(name), i),
                                 fmt::format("a {} is expected, not {}", what, kind_of(item))));
  }
}

}  // namespace

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

ordered_json rate_json(const Rational& rate) {
  const Rational shortest = rate.reduced();
  if (shortest.denominator == 1) return shortest.numerator;
  return to_string(shortest);
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

void read_choice(JsonObject& object, std::string_view name, std::string_view no, std::string_view yes,
                 bool& value) {
  std::string text;
  if (!object.read(name, text)) return;
  if (text != no && text != yes)
    return object.fail(Code::invalid_argument, name,
                       fmt::format("{} is not allowed; allowed: {}, {}", in_quotes(text), no, yes));
  value = text == yes;
}

void read_list(JsonObject& object, std::string_view name, std::vector<double>& values) {
  read_items(object, name, "number", [&](const ordered_json& item) {
    if (item.is_number()) values.push_back(item.get<double>());
    return item.is_number();
  });
}

void read_list(JsonObject& object, std::string_view name, std::vector<std::string>& values) {
  read_items(object, name, "text", [&](const ordered_json& item) {
    if (item.is_string()) values.push_back(item.get<std::string>());
    return item.is_string();
  });
}

void read_audio(JsonObject& output, AudioSettings& audio, AudioCodec codec, bool* copy) {
  const ordered_json* found = output.find("audio");
  if (found == nullptr) return;
  JsonObject object(*found, output.path_of("audio"));
  if (copy == nullptr) {
    object.only({"bitrate", "surround", "loudness", "languages"});
  } else {
    object.only({"codec", "bitrate", "surround", "loudness", "languages"});
    std::string name;
    if (object.read("codec", name)) {
      *copy = name == kCopy;
      if (!*copy && name != name_of(codec))
        object.fail(
            Code::invalid_argument, "codec",
            fmt::format("{} does not go in here; allowed: {}, {}", in_quotes(name), name_of(codec), kCopy));
    }
    if (*copy) {
      for (const std::string_view setting : {"bitrate", "surround", "loudness"})
        if (object.find(setting) != nullptr)
          object.fail(Code::invalid_argument, setting, "a copy keeps the source's coded sound; leave it out");
    }
  }
  if (object.find("bitrate") != nullptr && !bit_range(codec))
    object.fail(Code::invalid_argument, "bitrate",
                fmt::format("{} keeps every sample and has no bitrate; leave it out", name_of(codec)));
  read_bits(object, "bitrate", audio.bits_per_second);
  object.read("surround", audio.surround);
  read_choice(object, "loudness", "none", "ebu-r128", audio.normalise_loudness);
  read_list(object, "languages", audio.languages);
  output.fail(object.status());
}

ordered_json audio_json(const AudioSettings& audio, AudioCodec codec, const bool* copy) {
  ordered_json json = ordered_json::object();
  const bool copied = copy != nullptr && *copy;
  if (copy != nullptr) json["codec"] = copied ? kCopy : name_of(codec);
  if (!copied) {
    if (bit_range(codec)) json["bitrate"] = audio.bits_per_second;
    json["surround"] = audio.surround;
    json["loudness"] = audio.normalise_loudness ? "ebu-r128" : "none";
  }
  if (!audio.languages.empty()) json["languages"] = audio.languages;
  return json;
}

}  // namespace millrace::engine
