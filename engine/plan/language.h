// Languages by the codes that media files and people write: "eng", "en", "en-GB". Pure; call from any thread.
#pragma once

#include <string>
#include <string_view>

namespace millrace::engine {

// The code in small letters, if it is one (ISO 639 or BCP 47: letters, digits and '-', two letters or more);
// empty for anything else, for "und" and for codes that name no language ("mul", "zxx", "mis"). What it gives
// is safe in a file name and in a playlist.
std::string plain_language(std::string_view code);

// "eng" and "en-GB", "fre" and "fra", "de" and "ger" are the same language.
bool same_language(std::string_view a, std::string_view b);

// "English" of eng, en, en-GB; the empty string of what is not known.
std::string language_name(std::string_view code);

}  // namespace millrace::engine
