#include "engine/package/codec_string.h"

#include <fmt/format.h>

extern "C" {
#include <libavcodec/codec_id.h>
#include <libavcodec/codec_par.h>
}

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <vector>

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

Result<std::string> h264_string(const AVCodecParameters& parameters) {
  // avcC: version, profile, compatibility, level (ISO/IEC 14496-15 §5.3.3.1).
  const std::uint8_t* avcc = parameters.extradata;
  if (parameters.extradata_size < 4 || avcc[0] != 1) return Status(Code::internal, "H.264 without an avcC");
  return fmt::format("avc1.{:02x}{:02x}{:02x}", avcc[1], avcc[2], avcc[3]);
}

Result<std::string> hevc_string(const AVCodecParameters& parameters) {
  // hvcC (ISO/IEC 14496-15 §8.3.3.1): version; space (2 bits), tier (1), profile (5); 32 compatibility flags;
  // 48 constraint flags; level. The spelling is that of §E.3.
  const std::uint8_t* hvcc = parameters.extradata;
  if (parameters.extradata_size < 13 || hvcc[0] != 1) return Status(Code::internal, "HEVC without an hvcC");
  constexpr const char* kSpaces[] = {"", "A", "B", "C"};
  std::uint32_t compatible = 0;  // the first flag is the lowest bit
  for (int flag = 0; flag < 32; ++flag)
    if ((hvcc[2 + flag / 8] & (0x80 >> (flag % 8))) != 0) compatible |= std::uint32_t{1} << flag;
  std::string text = fmt::format("hvc1.{}{}.{:X}.{}{}", kSpaces[hvcc[1] >> 6], hvcc[1] & 31, compatible,
                                 (hvcc[1] & 0x20) != 0 ? 'H' : 'L', hvcc[12]);
  int last = 11;
  while (last >= 6 && hvcc[last] == 0) --last;
  for (int at = 6; at <= last; ++at) text += fmt::format(".{:02X}", hvcc[at]);
  return text;
}

Result<std::string> av1_string(const AVCodecParameters& parameters) {
  // av1C (AV1 in ISOBMFF §2.3): marker and version; profile (3 bits), level (5); tier (1), high_bitdepth (1),
  // twelve_bit (1), monochrome (1), subsampling (2), chroma position (2). The spelling is that of §5.
  const std::uint8_t* av1c = parameters.extradata;
  if (parameters.extradata_size < 4 || av1c[0] != 0x81) return Status(Code::internal, "AV1 without an av1C");
  const int bits = (av1c[2] & 0x40) == 0 ? 8 : (av1c[2] & 0x20) == 0 ? 10 : 12;
  std::string text = fmt::format("av01.{}.{:02}{}.{:02}", av1c[1] >> 5, av1c[1] & 31,
                                 (av1c[2] & 0x80) != 0 ? 'H' : 'M', bits);
  if (bits == 8) return text;
  return text + fmt::format(".{}.{}{}{}.{:02}.{:02}.{:02}.{}", (av1c[2] >> 4) & 1, (av1c[2] >> 3) & 1,
                            (av1c[2] >> 2) & 1, av1c[2] & 3, static_cast<int>(parameters.color_primaries),
                            static_cast<int>(parameters.color_trc), static_cast<int>(parameters.color_space),
                            parameters.color_range == AVCOL_RANGE_JPEG ? 1 : 0);
}

Result<std::string> vp9_string(const AVCodecParameters& parameters) {
  // VP Codec ISO Media File Format Binding, "Codecs Parameter String". A profile has one depth here: 8 bits
  // in 0 and 1, 10 in 2 and 3.
  if (parameters.profile < 0 || parameters.level < 0) return Status(Code::internal, "VP9 without a vpcC");
  const int bits = parameters.profile < 2 ? 8 : 10;
  const std::string text = fmt::format("vp09.{:02}.{:02}.{:02}", parameters.profile, parameters.level, bits);
  if (bits == 8) return text;
  constexpr int kColocatedChroma = 1;
  return text + fmt::format(".{:02}.{:02}.{:02}.{:02}.{:02}", kColocatedChroma,
                            static_cast<int>(parameters.color_primaries),
                            static_cast<int>(parameters.color_trc), static_cast<int>(parameters.color_space),
                            parameters.color_range == AVCOL_RANGE_JPEG ? 1 : 0);
}

Result<std::string> aac_string(const AVCodecParameters& parameters) {
  const int type = audio_object_type(parameters);
  if (type == 0) return Status(Code::internal, "AAC without an AudioSpecificConfig");
  return fmt::format("mp4a.40.{}", type);
}

std::vector<std::string> parts_of(std::string_view name) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    parts.emplace_back(name.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

unsigned from_hex(std::string_view digits) {
  unsigned value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

// Profile, constraint flags and level, two digits each. Profiles rise with what they need but for Baseline
// (42) and Extended (58), which nothing here writes.
std::string covering_h264(std::string_view a, std::string_view b) {
  const std::string_view higher = a.substr(0, 2) >= b.substr(0, 2) ? a : b;
  const bool same = a.substr(0, 2) == b.substr(0, 2);
  const unsigned flags =
      same ? from_hex(a.substr(2, 2)) & from_hex(b.substr(2, 2)) : from_hex(higher.substr(2, 2));
  return fmt::format("{}{:02x}{}", higher.substr(0, 2), flags, std::max(a.substr(4), b.substr(4)));
}

// "hvc1", profile, compatibility flags, tier and level, up to six bytes of constraint flags.
std::string covering_hevc(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto profile = [](const std::vector<std::string>& parts) { return std::atoi(parts[1].c_str()); };
  const std::vector<std::string>& higher = profile(a) >= profile(b) ? a : b;
  const auto level = [](const std::vector<std::string>& parts) { return std::atoi(parts[3].c_str() + 1); };
  const bool same = profile(a) == profile(b);
  const bool high_tier = a[3].front() == 'H' || b[3].front() == 'H';
  std::string text = fmt::format("hvc1.{}.{:X}.{}{}", higher[1],
                                 same ? from_hex(a[2]) & from_hex(b[2]) : from_hex(higher[2]),
                                 high_tier ? 'H' : 'L', std::max(level(a), level(b)));
  for (std::size_t at = 4; at < higher.size(); ++at) {
    const auto flags = [at](const auto& parts) { return at < parts.size() ? from_hex(parts[at]) : 0U; };
    const unsigned both = same ? flags(a) & flags(b) : flags(higher);
    text += fmt::format(".{:X}", both);
  }
  while (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

// Main or High: "M" or "H"; VP9 has none.
bool higher_tier(const std::string& a, const std::string& b) { return b == "H" && a != "H"; }

}  // namespace

Result<std::string> codec_string(const AVCodecParameters& parameters) {
  switch (parameters.codec_id) {
    case AV_CODEC_ID_H264:
      return h264_string(parameters);
    case AV_CODEC_ID_HEVC:
      return hevc_string(parameters);
    case AV_CODEC_ID_AV1:
      return av1_string(parameters);
    case AV_CODEC_ID_VP9:
      return vp9_string(parameters);
    case AV_CODEC_ID_AAC:
      return aac_string(parameters);
    case AV_CODEC_ID_OPUS:
      return std::string("Opus");
    default:
      return Status(Code::unsupported,
                    fmt::format("no name of {} for playlists; use h264, hevc, av1 or vp9 and aac or opus",
                                avcodec_get_name(parameters.codec_id)));
  }
}

std::string covering_codecs(std::string_view one, std::string_view other) {
  const std::vector<std::string> a = parts_of(one);
  const std::vector<std::string> b = parts_of(other);
  if (one == other || a.front() != b.front()) return std::string(one);
  if (a.front() == "avc1" && a.size() == 2 && b.size() == 2 && a[1].size() == 6 && b[1].size() == 6)
    return "avc1." + covering_h264(a[1], b[1]);
  if (a.front() == "hvc1" && a.size() >= 4 && b.size() >= 4) return covering_hevc(a, b);
  // av01.P.LLT.DD..., vp09.PP.LL.DD...: levels, and tiers behind them, rise as texts do.
  if (a.size() < 4 || b.size() < 4) return std::string(one);
  std::vector<std::string> both = a[1] >= b[1] ? a : b;
  both[2] =
      std::max(a[2].substr(0, 2), b[2].substr(0, 2)) + std::max(a[2].substr(2), b[2].substr(2), higher_tier);
  return fmt::format("{}", fmt::join(both, "."));
}

std::string language_tag(std::string_view language) {
  if (language == "und" || !is_tag(language)) return {};
  const auto known = std::find_if(kLanguages.begin(), kLanguages.end(),
                                  [&](const Language& each) { return each.code == language; });
  return std::string(known != kLanguages.end() ? known->tag : language);
}

}  // namespace millrace::engine
