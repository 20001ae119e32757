#include "engine/pipeline/ass_script.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "engine/base/unique_fd.h"
#include "engine/pipeline/filter_stage.h"

namespace millrace::engine {
namespace {

constexpr std::string_view kWordJoiner = "\xE2\x81\xA0";
constexpr double kLineHeight = 0.062;  // of the frame's shorter side
constexpr double kMargin = 0.05;       // of each side
constexpr int kEdgesOfLine = 14;       // a line is so many times as high as its edge is wide

// libass reads a script by its name: a file in memory has one too.
Result<UniqueFd> in_memory(std::string_view content) {
  UniqueFd fd(::memfd_create("script.ass", MFD_CLOEXEC));
  for (std::size_t done = 0; fd.valid();) {
    if (done == content.size()) return fd;
    const ssize_t wrote = ::write(fd.get(), content.data() + done, content.size() - done);
    if (wrote < 0 && errno != EINTR) break;
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  return Status(Code::internal, fmt::format("cannot hold a text in memory: {}", std::strerror(errno)));
}

// The character that "&lt;" and its kin stand for at the front of a text, and how long they are; 0: it is
// none.
std::pair<std::string_view, std::size_t> entity_at(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kEntities = {{
      {"&amp;", "&"},
      {"&lt;", "<"},
      {"&gt;", ">"},
      {"&nbsp;", "\xC2\xA0"},
      {"&lrm;", "\xE2\x80\x8E"},
      {"&rlm;", "\xE2\x80\x8F"},
  }};
  for (const auto& [name, character] : kEntities)
    if (text.starts_with(name)) return {character, name.size()};
  return {{}, 0};
}

// "{\b1}" of "b", "{\b0}" of "/b"; nothing of other tags ("v Bob", "c.yellow").
std::string override_of(std::string_view tag) {
  const bool closes = tag.starts_with('/');
  if (closes) tag.remove_prefix(1);
  const std::string_view name = tag.substr(0, tag.find_first_of(". \t\n"));
  if (name != "b" && name != "i" && name != "u") return {};
  return fmt::format("{{\\{}{}}}", name, closes ? 0 : 1);
}

std::string_view value_of(std::string_view settings, std::string_view name) {
  const auto at = settings.find(name);
  if (at == std::string_view::npos || (at > 0 && settings[at - 1] != ' ')) return {};
  const std::string_view rest = settings.substr(at + name.size());
  return rest.substr(0, rest.find_first_of(" ,"));
}

// The percentage of a value; -1 for none. Whole lines are counted from the top, negative ones from the
// bottom.
int percent_of(std::string_view value) {
  int number = -1;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{}) return -1;
  if (end != value.data() + value.size()) return number;
  constexpr int kLines = 16;  // as many as players have
  return number < 0 ? 100 : std::min(number * 100 / kLines, 100);
}

// The places of a number pad, as ASS has them: 7 8 9 above, 1 2 3 below.
int pad_of(std::string_view settings) {
  const int line = percent_of(value_of(settings, "line:"));
  const int row = line < 0 || line > 66 ? 0 : line > 33 ? 1 : 2;
  const std::string_view align = value_of(settings, "align:");
  const int column = align == "start" || align == "left" ? 0 : align == "end" || align == "right" ? 2 : 1;
  return row * 3 + column + 1;
}

}  // namespace

std::string as_ass_text(std::string_view plain) {
  std::string out;
  for (const char letter : plain) {
    if (letter == '\n') {
      out += "\\N";
    } else if (letter == '{' || letter == '}') {
      out += {'\\', letter};
    } else if (static_cast<unsigned char>(letter) >= 0x20) {  // others would end the line
      out += letter;
      if (letter == '\\') out += kWordJoiner;
    }
  }
  return out;
}

std::string as_ass_text(const Cue& cue) {
  std::string out;
  if (const int pad = pad_of(cue.settings); pad != 2) out = fmt::format("{{\\an{}}}", pad);
  for (std::string_view rest = cue.text; !rest.empty();) {
    const auto special = std::min(rest.find_first_of("<&"), rest.size());
    out += as_ass_text(rest.substr(0, special));
    rest.remove_prefix(special);
    if (rest.empty()) break;
    const auto end = rest.find('>');
    const auto [character, length] = entity_at(rest);
    if (rest[0] == '<' && end != std::string_view::npos) {
      out += override_of(rest.substr(1, end - 1));
      rest.remove_prefix(end + 1);
    } else {
      out += as_ass_text(length > 0 ? character : rest.substr(0, 1));
      rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
  }
  return out;
}

std::string script_of_cues(const std::vector<const Cue*>& cues, PictureSize frame) {
  const int size = std::max(static_cast<int>(std::min(frame.width, frame.height) * kLineHeight), 8);
  const auto margin = [](int side) { return static_cast<int>(side * kMargin); };
  std::string script = fmt::format(
      "[Script Info]\nScriptType: v4.00+\nPlayResX: {0}\nPlayResY: {1}\nWrapStyle: 0\n"
      "ScaledBorderAndShadow: yes\n\n[V4+ Styles]\n"
      "Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
      "BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n"
      "Style: Cue,DejaVu "
      "Sans,{2},&H00FFFFFF,&H00000000,&H00000000,0,0,0,1,{3},0,2,{4},{4},{5},1\n\n[Events]\n"
      "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
      frame.width, frame.height, size, std::max(size / kEdgesOfLine, 1), margin(frame.width),
      margin(frame.height));
  for (const Cue* cue : cues)
    script += fmt::format("Dialogue: 0,0:00:00.00,9:00:00.00,Cue,,0,0,0,,{}\n", as_ass_text(*cue));
  return script;
}

Result<FramePtr> draw_script(FramePtr picture, std::string_view script, bool alpha,
                             const std::string& chain) {
  const auto file = in_memory(script);
  if (!file.ok()) return file.status();
  auto drawn =
      filter_one(std::move(picture), fmt::format("ass=filename=/proc/self/fd/{}{}{}{}", file->get(),
                                                 alpha ? ":alpha=1" : "", chain.empty() ? "" : ",", chain));
  if (!drawn.ok()) return drawn.status().under("cannot draw text (this FFmpeg must have libass)");
  return drawn;
}

}  // namespace millrace::engine
