#include "engine/plan/language.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace millrace::engine {
namespace {

struct Language {
  std::string_view two;    // ISO 639-1
  std::string_view three;  // ISO 639-2/T
  std::string_view older;  // ISO 639-2/B, where it differs
  std::string_view name;
};

constexpr std::array kLanguages = {
    Language{"af", "afr", "", "Afrikaans"},
    Language{"sq", "sqi", "alb", "Albanian"},
    Language{"am", "amh", "", "Amharic"},
    Language{"ar", "ara", "", "Arabic"},
    Language{"hy", "hye", "arm", "Armenian"},
    Language{"az", "aze", "", "Azerbaijani"},
    Language{"eu", "eus", "baq", "Basque"},
    Language{"be", "bel", "", "Belarusian"},
    Language{"bn", "ben", "", "Bengali"},
    Language{"bs", "bos", "", "Bosnian"},
    Language{"bg", "bul", "", "Bulgarian"},
    Language{"my", "mya", "bur", "Burmese"},
    Language{"ca", "cat", "", "Catalan"},
    Language{"zh", "zho", "chi", "Chinese"},
    Language{"hr", "hrv", "", "Croatian"},
    Language{"cs", "ces", "cze", "Czech"},
    Language{"da", "dan", "", "Danish"},
    Language{"nl", "nld", "dut", "Dutch"},
    Language{"en", "eng", "", "English"},
    Language{"et", "est", "", "Estonian"},
    Language{"", "fil", "", "Filipino"},
    Language{"fi", "fin", "", "Finnish"},
    Language{"fr", "fra", "fre", "French"},
    Language{"gl", "glg", "", "Galician"},
    Language{"ka", "kat", "geo", "Georgian"},
    Language{"de", "deu", "ger", "German"},
    Language{"el", "ell", "gre", "Greek"},
    Language{"gu", "guj", "", "Gujarati"},
    Language{"he", "heb", "", "Hebrew"},
    Language{"hi", "hin", "", "Hindi"},
    Language{"hu", "hun", "", "Hungarian"},
    Language{"is", "isl", "ice", "Icelandic"},
    Language{"id", "ind", "", "Indonesian"},
    Language{"ga", "gle", "", "Irish"},
    Language{"it", "ita", "", "Italian"},
    Language{"ja", "jpn", "", "Japanese"},
    Language{"kn", "kan", "", "Kannada"},
    Language{"kk", "kaz", "", "Kazakh"},
    Language{"km", "khm", "", "Khmer"},
    Language{"ko", "kor", "", "Korean"},
    Language{"lo", "lao", "", "Lao"},
    Language{"la", "lat", "", "Latin"},
    Language{"lv", "lav", "", "Latvian"},
    Language{"lt", "lit", "", "Lithuanian"},
    Language{"mk", "mkd", "mac", "Macedonian"},
    Language{"ms", "msa", "may", "Malay"},
    Language{"ml", "mal", "", "Malayalam"},
    Language{"mr", "mar", "", "Marathi"},
    Language{"mn", "mon", "", "Mongolian"},
    Language{"ne", "nep", "", "Nepali"},
    Language{"no", "nor", "", "Norwegian"},
    Language{"nb", "nob", "", "Norwegian Bokmål"},
    Language{"nn", "nno", "", "Norwegian Nynorsk"},
    Language{"fa", "fas", "per", "Persian"},
    Language{"pl", "pol", "", "Polish"},
    Language{"pt", "por", "", "Portuguese"},
    Language{"pa", "pan", "", "Punjabi"},
    Language{"ro", "ron", "rum", "Romanian"},
    Language{"ru", "rus", "", "Russian"},
    Language{"sr", "srp", "", "Serbian"},
    Language{"si", "sin", "", "Sinhala"},
    Language{"sk", "slk", "slo", "Slovak"},
    Language{"sl", "slv", "", "Slovenian"},
    Language{"so", "som", "", "Somali"},
    Language{"es", "spa", "", "Spanish"},
    Language{"sw", "swa", "", "Swahili"},
    Language{"sv", "swe", "", "Swedish"},
    Language{"ta", "tam", "", "Tamil"},
    Language{"te", "tel", "", "Telugu"},
    Language{"th", "tha", "", "Thai"},
    Language{"tr", "tur", "", "Turkish"},
    Language{"uk", "ukr", "", "Ukrainian"},
    Language{"ur", "urd", "", "Urdu"},
    Language{"uz", "uzb", "", "Uzbek"},
    Language{"vi", "vie", "", "Vietnamese"},
    Language{"cy", "cym", "wel", "Welsh"},
    Language{"zu", "zul", "", "Zulu"},
};

constexpr std::size_t kLongestCode = 35;  // RFC 5646 §4.4.1

// "en" of "en-GB".
std::string_view primary(std::string_view code) { return code.substr(0, code.find('-')); }

const Language* find(std::string_view plain) {
  const std::string_view code = primary(plain);
  const auto found = std::find_if(kLanguages.begin(), kLanguages.end(), [&](const Language& each) {
    return !code.empty() && (code == each.two || code == each.three || code == each.older);
  });
  return found == kLanguages.end() ? nullptr : &*found;
}

}  // namespace

std::string plain_language(std::string_view code) {
  std::string plain;
  for (const char c : code) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || (std::isalnum(byte) == 0 && c != '-' && c != '_')) return {};
    plain += c == '_' ? '-' : static_cast<char>(std::tolower(byte));
  }
  const std::string_view first = primary(plain);
  const bool letters = std::all_of(first.begin(), first.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!letters || first.size() < 2 || first.size() > 8 || plain.size() > kLongestCode || plain.back() == '-')
    return {};
  constexpr std::array<std::string_view, 4> kNone = {"und", "mul", "zxx", "mis"};
  return std::find(kNone.begin(), kNone.end(), first) == kNone.end() ? plain : std::string();
}

bool same_language(std::string_view a, std::string_view b) {
  const std::string plain_a = plain_language(a);
  const std::string plain_b = plain_language(b);
  const Language* known = find(plain_a);
  return known != nullptr ? known == find(plain_b) : primary(plain_a) == primary(plain_b);
}

std::string language_name(std::string_view code) {
  const Language* found = find(plain_language(code));
  return found == nullptr ? std::string() : std::string(found->name);
}

}  // namespace millrace::engine
