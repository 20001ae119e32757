// WebVTT files (W3C WebVTT). Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::engine {

struct Cue {
  static constexpr std::int64_t kOpen = INT64_MAX;

  std::int64_t start = 0;  // milliseconds
  std::int64_t end = 0;    // kOpen: until the next one begins
  std::string settings;    // "line:0 align:start"; may be empty
  std::string text;        // cue text: no empty line, escaped

  bool operator==(const Cue&) const = default;
};

// "00:01:02.345"; hours take more digits where they need them.
std::string webvtt_time(std::int64_t milliseconds);

// The whole file; without cues just its header, which is a valid file.
std::string webvtt_file(std::span<const Cue> cues);

// & < > written so that they stand for themselves.
std::string webvtt_escaped(std::string_view text);

// The text of a WebVTT cue, safe to stand in another file: without empty lines, arrows and the time stamps
// inside it (a trim would make them wrong). Its tags stay.
std::string cleaned_cue_text(std::string_view text);
// A cue's settings without regions and without what no player knows.
std::string cleaned_settings(std::string_view settings);

// Without lines that are empty or blank, and without line ends at its end: an empty line would end the cue.
std::string without_empty_lines(std::string_view text);

// The cues on a clock that starts `shift` milliseconds earlier: moved later by it, cut to [0, end] (`end` 0:
// no end), in order of their starts. What has no length or no text then is left out; open ends are closed.
std::vector<Cue> placed(std::vector<Cue> cues, std::int64_t shift, std::int64_t end);

}  // namespace millrace::engine
