#include "engine/package/codec_string.h"

#include <fmt/format.h>

extern "C" {
#include <libavcodec/codec_id.h>
#include <libavcodec/codec_par.h>
}

#include <algorithm>
#include <array>

namespace millrace::engine {
namespace {

struct Language {
  std::string_view code;  // ISO 639-2, both its terminological and its bibliographic form
  std::string_view tag;   // ISO 639-1
};

// BCP 47 (RFC 5646 §2.2.1) wants the two letters where a language has them. Codes missing here are passed on
// as they are, which players understand too.
constexpr std::array kLanguages = std::to_array<Language>({
    {"ara", "ar"}, {"bul", "bg"}, {"cat", "ca"}, {"ces", "cs"}, {"chi", "zh"}, {"cze", "cs"}, {"dan", "da"},
    {"deu", "de"}, {"dut", "nl"}, {"ell", "el"}, {"eng", "en"}, {"est", "et"}, {"fin", "fi"}, {"fra", "fr"},
    {"fre", "fr"}, {"ger", "de"}, {"gre", "el"}, {"heb", "he"}, {"hin", "hi"}, {"hrv", "hr"}, {"hun", "hu"},
    {"ind", "id"}, {"ita", "it"}, {"jpn", "ja"}, {"kor", "ko"}, {"lav", "lv"}, {"lit", "lt"}, {"nld", "nl"},
    {"nor", "no"}, {"per", "fa"}, {"pol", "pl"}, {"por", "pt"}, {"ron", "ro"}, {"rum", "ro"}, {"rus", "ru"},
    {"slk", "sk"}, {"slo", "sk"}, {"slv", "sl"}, {"spa", "es"}, {"srp", "sr"}, {"swe", "sv"}, {"tha", "th"},
    {"tur", "tr"}, {"ukr", "uk"}, {"vie", "vi"}, {"zho", "zh"},
});

bool is_tag(std::string_view text) {
  return text.size() >= 2 && text.size() <= 35 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
         });
}

// The audio object type, the first five bits of an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1); 31 leads
// to more bits.
int audio_object_type(const AVCodecParameters& parameters) {
  const std::uint8_t* config = parameters.extradata;
  if (parameters.extradata_size < 2) return 0;
  const int type = config[0] >> 3;
  return type != 31 ? type : 32 + ((config[0] & 7) << 3) + (config[1] >> 5);
}

}  // namespace

Result<std::string> codec_string(const AVCodecParameters& parameters) {
  if (parameters.codec_id == AV_CODEC_ID_H264) {
    // avcC: version, profile, compatibility, level (ISO/IEC 14496-15 §5.3.3.1).
    if (parameters.extradata_size < 4 || parameters.extradata[0] != 1)
      return Status(Code::internal, "H.264 without an avcC");
    const std::uint8_t* avcc = parameters.extradata;
    return fmt::format("avc1.{:02x}{:02x}{:02x}", avcc[1], avcc[2], avcc[3]);
  }
  if (parameters.codec_id == AV_CODEC_ID_AAC) {
    const int type = audio_object_type(parameters);
    if (type == 0) return Status(Code::internal, "AAC without an AudioSpecificConfig");
    return fmt::format("mp4a.40.{}", type);
  }
  return Status(Code::unsupported, fmt::format("no name of {} for playlists; use h264 and aac",
                                               avcodec_get_name(parameters.codec_id)));
}

std::string language_tag(std::string_view language) {
  if (language == "und" || !is_tag(language)) return {};
  const auto known = std::find_if(kLanguages.begin(), kLanguages.end(),
                                  [&](const Language& each) { return each.code == language; });
  return std::string(known != kLanguages.end() ? known->tag : language);
}

}  // namespace millrace::engine
