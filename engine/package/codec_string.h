// Names of codecs and languages as playlists and manifests spell them. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"

struct AVCodecParameters;

namespace millrace::engine {

// "avc1.64001f" or "mp4a.40.2" (RFC 6381 §3.3) of parameters as an MP4 file holds them. unsupported for other
// codecs than H.264 and AAC.
Result<std::string> codec_string(const AVCodecParameters& parameters);

// The shortest tag of BCP 47 for an ISO 639-2 code ("ger" and "deu": "de"); other well-formed tags stay as
// they are; empty for und, for nothing and for what is no tag.
std::string language_tag(std::string_view language);

}  // namespace millrace::engine
