// Names of codecs and languages as playlists and manifests spell them. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"

struct AVCodecParameters;

namespace millrace::engine {

// "avc1.64001f", "hvc1.1.6.L93.B0", "av01.0.04M.08", "vp09.00.31.08", "mp4a.40.2" or "Opus" (RFC 6381 §3.3)
// of parameters as an MP4 file holds them; AV1 and VP9 of 10 bits with their colours. unsupported for other
// codecs.
Result<std::string> codec_string(const AVCodecParameters& parameters);

// One name for a decoder that takes both: the higher profile with its flags, the higher tier and level, of
// the same profile the flags that both have. The first one, where they are not of one codec.
std::string covering_codecs(std::string_view one, std::string_view other);

// The shortest tag of BCP 47 for an ISO 639-2 code ("ger" and "deu": "de"); other well-formed tags stay as
// they are; empty for und, for nothing and for what is no tag.
std::string language_tag(std::string_view language);

}  // namespace millrace::engine
