#include "engine/pipeline/webvtt.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace millrace::engine {
namespace {

// Of the last cue, where neither it nor the media says when it ends.
constexpr std::int64_t kOpenMilliseconds = 5000;

// In order of their starts.
void close_open_ends(std::vector<Cue>& cues, std::int64_t end) {
  std::int64_t next = Cue::kOpen;  // the first start after that of the cue in hand
  for (std::size_t i = cues.size(); i-- > 0;) {
    if (i + 1 < cues.size() && cues[i + 1].start > cues[i].start) next = cues[i + 1].start;
    if (cues[i].end != Cue::kOpen) continue;
    cues[i].end = next != Cue::kOpen ? next : end > 0 ? end : cues[i].start + kOpenMilliseconds;
  }
}

}  // namespace

std::string webvtt_time(std::int64_t milliseconds) {
  const std::int64_t seconds = milliseconds / 1000;
  return fmt::format("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60,
                     milliseconds % 1000);
}

std::string webvtt_file(std::span<const Cue> cues) {
  std::string text = "WEBVTT\n";
  for (const Cue& cue : cues) {
    text += fmt::format("\n{} --> {}{}{}\n{}\n", webvtt_time(cue.start), webvtt_time(cue.end),
                        cue.settings.empty() ? "" : " ", cue.settings, cue.text);
  }
  return text;
}

std::string webvtt_escaped(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    if (letter == '&')
      escaped += "&amp;";
    else if (letter == '<')
      escaped += "&lt;";
    else if (letter == '>')
      escaped += "&gt;";
    else
      escaped += letter;
  }
  return escaped;
}

std::string cleaned_cue_text(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    if (text.size() > 1 && text[0] == '<' && text[1] >= '0' && text[1] <= '9') {
      const std::size_t end = text.find('>');
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    } else if (text.starts_with("-->")) {
      kept += "--&gt;";
      text.remove_prefix(3);
    } else {
      if (text.front() != '\0') kept += text.front();
      text.remove_prefix(1);
    }
  }
  return without_empty_lines(kept);
}

std::string cleaned_settings(std::string_view settings) {
  constexpr std::array<std::string_view, 5> kKnown = {"vertical:", "line:", "position:", "size:", "align:"};
  std::string kept;
  while (!settings.empty()) {
    const std::size_t end = settings.find_first_of(" \t\r\n");
    const std::string_view word = settings.substr(0, end);
    const bool known = std::any_of(kKnown.begin(), kKnown.end(),
                                   [&](std::string_view name) { return word.starts_with(name); });
    if (known && word.find("-->") == std::string_view::npos) {
      if (!kept.empty()) kept += ' ';
      kept += word;
    }
    settings = end == std::string_view::npos ? std::string_view() : settings.substr(end + 1);
  }
  return kept;
}

std::string without_empty_lines(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    const std::string_view line = text.substr(0, end);
    if (line.find_first_not_of(" \t") != std::string_view::npos) {
      if (!kept.empty()) kept += '\n';
      kept += line;
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return kept;
}

std::vector<Cue> placed(std::vector<Cue> cues, std::int64_t shift, std::int64_t end) {
  std::stable_sort(cues.begin(), cues.end(), [](const Cue& a, const Cue& b) { return a.start < b.start; });
  for (Cue& cue : cues) {
    cue.start += shift;
    if (cue.end != Cue::kOpen) cue.end = std::max<std::int64_t>(cue.end + shift, 0);
  }
  close_open_ends(cues, end);
  for (Cue& cue : cues) {
    cue.start = std::max<std::int64_t>(cue.start, 0);
    if (end > 0) cue.end = std::min(cue.end, end);
  }
  std::erase_if(cues, [](const Cue& cue) { return cue.end <= cue.start || cue.text.empty(); });
  return cues;
}

}  // namespace millrace::engine
