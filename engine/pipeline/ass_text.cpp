#include "engine/pipeline/ass_text.h"

#include <charconv>
#include <optional>

#include "engine/pipeline/webvtt.h"

namespace millrace::engine {
namespace {

constexpr std::string_view kWordJoiner = "\xE2\x81\xA0";  // follows a backslash that stands for itself

struct Style {
  bool bold = false;
  bool italic = false;
  bool underlined = false;
  bool operator==(const Style&) const = default;
};

// The number at the front of the text: "1" of "1}", 700 of "700"; none where there is no number.
std::optional<int> number_at(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? std::optional<int>(value) : std::nullopt;
}

// The places of a number pad, as ASS has them: 7 8 9 above, 1 2 3 below.
std::string settings_of(int pad) {
  std::string text;
  if (pad >= 7) text = "line:0";
  if (pad >= 4 && pad <= 6) text = "line:50%";
  const char* side = pad % 3 == 1 ? "position:0% align:start" : pad % 3 == 0 ? "position:100% align:end" : "";
  if (*side != '\0') text += (text.empty() ? "" : " ") + std::string(side);
  return text;
}

// SSA's: 1 to 3 below, 5 to 7 above, 9 to 11 in the middle.
int pad_of_legacy(int alignment) {
  if (alignment >= 5 && alignment <= 7) return alignment + 2;
  if (alignment >= 9 && alignment <= 11) return alignment - 5;
  return alignment;
}

class Converter {
 public:
  explicit Converter(Braces braces) : braces_(braces) {}

  CueText run(std::string_view text) {
    while (!text.empty()) text.remove_prefix(step(text));
    while (!out_.empty() && (out_.back() == '\n' || out_.back() == ' ')) out_.pop_back();
    wanted_ = {};
    write_tags();
    CueText made;
    made.text = without_empty_lines(out_);
    if (pad_ >= 1 && pad_ <= 9) made.settings = settings_of(pad_);
    return made;
  }

 private:
  // How many bytes it took.
  std::size_t step(std::string_view text) {
    if (text.front() == '{' && (braces_ == Braces::hide || text.substr(1, 1) == "\\")) {
      if (const std::size_t end = text.find('}'); end != std::string_view::npos) {
        read_overrides(text.substr(1, end - 1));
        return end + 1;
      }
    }
    if (text.front() == '\\' && text.size() > 1) return escape(text);
    write(text.substr(0, 1));
    return 1;
  }

  std::size_t escape(std::string_view text) {
    switch (text[1]) {
      case 'N':
      case 'n':
        if (drawing_ > 0) return 2;
        if (!opens_more()) write_tags();  // what ends with the line is closed on it
        out_ += '\n';
        return 2;
      case 'h':
        write("\xC2\xA0");
        return 2;
      case '{':
      case '}':
        write(text.substr(1, 1));
        return text.substr(2).starts_with("{}") ? 4 : 2;  // FFmpeg's own way to end the escape
      default:
        write("\\");
        return text.substr(1).starts_with(kWordJoiner) ? 1 + kWordJoiner.size() : 1;
    }
  }

  // "\b1\i1\c&H0000FF&": names run into their values.
  void read_overrides(std::string_view block) {
    while (true) {
      const std::size_t slash = block.find('\\');
      if (slash == std::string_view::npos) return;
      block.remove_prefix(slash + 1);
      read_override(block.substr(0, block.find('\\')));
    }
  }

  void read_override(std::string_view tag) {
    const auto value = [&](std::string_view name) -> std::optional<int> {
      return tag.starts_with(name) ? number_at(tag.substr(name.size())) : std::nullopt;
    };
    if (const auto bold = value("b"))
      wanted_.bold = *bold == 1 || *bold >= 600;
    else if (const auto italic = value("i"))
      wanted_.italic = *italic != 0;
    else if (const auto underlined = value("u"))
      wanted_.underlined = *underlined != 0;
    else if (const auto drawing = value("p"))
      drawing_ = *drawing;
    else if (const auto pad = value("an"))
      pad_ = pad_ == 0 ? *pad : pad_;  // the first one counts
    else if (const auto legacy = value("a"))
      pad_ = pad_ == 0 ? pad_of_legacy(*legacy) : pad_;
    else if (tag.starts_with("r"))
      wanted_ = {};
  }

  void write(std::string_view text) {
    if (drawing_ > 0 || text.front() == '\0' || text.front() == '\r') return;
    write_tags();
    out_ += webvtt_escaped(text);
  }

  bool opens_more() const {
    return (wanted_.bold && !open_.bold) || (wanted_.italic && !open_.italic) ||
           (wanted_.underlined && !open_.underlined);
  }

  // Tags are properly nested: what changes is closed with all that was opened after it.
  void write_tags() {
    if (wanted_ == open_) return;
    if (open_.underlined) out_ += "</u>";
    if (open_.italic) out_ += "</i>";
    if (open_.bold) out_ += "</b>";
    if (wanted_.bold) out_ += "<b>";
    if (wanted_.italic) out_ += "<i>";
    if (wanted_.underlined) out_ += "<u>";
    open_ = wanted_;
  }

  const Braces braces_;
  std::string out_;
  Style wanted_;
  Style open_;
  int pad_ = 0;
  int drawing_ = 0;  // \p: what follows are strokes, not text
};

}  // namespace

std::string_view text_of_event(std::string_view event) {
  for (int comma = 0; comma < 8; ++comma) {
    const std::size_t at = event.find(',');
    if (at == std::string_view::npos) return {};
    event.remove_prefix(at + 1);
  }
  return event;
}

CueText cue_text_of_ass(std::string_view text, Braces braces) { return Converter(braces).run(text); }

}  // namespace millrace::engine
