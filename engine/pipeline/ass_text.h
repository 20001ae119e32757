// The text of ASS events, which FFmpeg makes of every text format, as WebVTT cue text. Pure.
#pragma once

#include <string>
#include <string_view>

namespace millrace::engine {

struct CueText {
  std::string text;      // with <b>, <i> and <u>; escaped; no empty lines
  std::string settings;  // where on the picture, where the event says it simply ({\an8}: "line:0")
};

// Of a whole event as decoders give it: "ReadOrder,Layer,Style,Name,MarginL,MarginR,MarginV,Effect,Text".
std::string_view text_of_event(std::string_view event);

// ASS hides all that stands in braces; in text that FFmpeg made of other formats braces are overrides only
// where a backslash follows ("{\i1}").
enum class Braces { hide, hide_overrides };

// Bold, italics, underlining and alignment stay; other overrides, drawings and comments go.
CueText cue_text_of_ass(std::string_view text, Braces braces);

}  // namespace millrace::engine
