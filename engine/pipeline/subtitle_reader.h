// Reads one text track, of a container or of a file of its own, as WebVTT cues. Blocking; plain functions.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/pipeline/av.h"
#include "engine/pipeline/webvtt.h"
#include "engine/plan/source.h"

namespace millrace::engine {

struct ReadCues {
  std::vector<Cue> cues;  // as the track has them: any order, any length; times on its own clock
  // What could not be read, a sentence each, where it may be left out.
  std::vector<std::string> lost;
  std::string sha256 = {};  // of a file of its own
};

// A stream of the source; times are on the source's clock less `origin` (in the stream's time base, as
// `origin_of` says it). unsupported for bitmaps, unknown formats and more text than fits, corrupt_input for
// text that is not UTF-8 and for what does not decode: with `accept_damage` such a cue is left out instead.
Result<ReadCues> read_text_stream(const Source& source, int stream,
                                  const std::function<std::int64_t(AVRational time_base)>& origin_of,
                                  bool accept_damage, std::stop_token stop);

// A file: SRT, WebVTT or ASS in UTF-8, at most 16 MiB. invalid_argument with the place and a guess for
// another encoding; unsupported for other formats.
Result<ReadCues> read_text_file(const std::string& url, std::stop_token stop);

}  // namespace millrace::engine
