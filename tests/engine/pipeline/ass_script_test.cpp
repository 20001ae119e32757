#include "engine/pipeline/ass_script.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <ostream>

#include "tests/engine/pipeline/images.h"

namespace millrace::engine {
namespace {

struct CueCase {
  const char* name;
  std::string text;
  std::string settings;
  std::string expected;
};
void PrintTo(const CueCase& each, std::ostream* out) { *out << each.name; }

class CueAsAss : public testing::TestWithParam<CueCase> {};
TEST_P(CueAsAss, KeepsWhatWebVttSays) {
  EXPECT_EQ(as_ass_text(Cue{0, 1000, GetParam().settings, GetParam().text}), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    All, CueAsAss,
    testing::Values(
        CueCase{"Plain", "one\ntwo", "", "one\\Ntwo"},
        CueCase{"Tags", "<b>bold</b> <i.x>it</i> <u>under</u>", "",
                "{\\b1}bold{\\b0} {\\i1}it{\\i0} {\\u1}under{\\u0}"},
        CueCase{"OtherTagsGo", "<v Bob>Hi <c.yellow>you</c></v>", "", "Hi you"},
        CueCase{"Entities", "a &lt; b &amp;&amp; c &gt; d &unknown;", "", "a < b && c > d &unknown;"},
        CueCase{"WhatAssWouldTake", "{\\an8}x\rDialogue: y", "",
                "\\{\\\xE2\x81\xA0"
                "an8\\}xDialogue: y"},
        CueCase{"Above", "x", "line:0", "{\\an8}x"}, CueCase{"Middle", "x", "line:50%", "{\\an5}x"},
        CueCase{"BelowByPercent", "x", "line:90%", "x"}, CueCase{"BelowByLine", "x", "line:-1", "x"},
        CueCase{"AboveLeft", "x", "line:0 position:0% align:start", "{\\an7}x"},
        CueCase{"Right", "x", "position:100% align:end", "{\\an3}x"},
        CueCase{"NotABracket", "a < b", "", "a < b"}),
    [](const auto& each) { return each.param.name; });

// What is drawn on a transparent frame.
struct Drawn {
  int pixels = 0;
  int top = 1000;
  int bottom = 0;
  int brightest = 0;
};
Drawn drawn(const std::vector<const Cue*>& cues, int width, int height) {
  Drawn found;
  const auto frame = draw_script(rgba_frame(width, height, [](int, int) { return Rgba{}; }),
                                 script_of_cues(cues, {width, height}), true, "");
  EXPECT_TRUE(frame.ok()) << to_string(frame.status());
  if (!frame.ok()) return found;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const std::uint8_t* pixel = (*frame)->data[0] + y * (*frame)->linesize[0] + 4 * x;
      if (pixel[3] == 0) continue;
      ++found.pixels;
      found.top = std::min(found.top, y);
      found.bottom = std::max(found.bottom, y);
      if (pixel[3] == 255) found.brightest = std::max<int>(found.brightest, pixel[0]);
    }
  return found;
}

TEST(DrawScript, DrawsWhiteLettersAtTheirPlaceAndNothingElse) {
  const Cue below{0, 1000, "", "Hello there"};
  const Cue above{0, 1000, "line:0", "Hello there"};
  const Drawn low = drawn({&below}, 320, 180);
  EXPECT_GT(low.top, 120);
  EXPECT_LT(low.bottom, 180);
  EXPECT_GT(low.brightest, 200);
  EXPECT_GT(low.pixels, 100);
  EXPECT_LT(low.pixels, 3000);
  EXPECT_LT(drawn({&above}, 320, 180).bottom, 60);
  EXPECT_EQ(drawn({}, 320, 180).pixels, 0);
}

TEST(DrawScript, WhatMeetsIsPutOneAboveTheOther) {
  const Cue one{0, 1000, "", "Hello"};
  const Cue two{0, 1000, "", "Hello"};
  EXPECT_LT(drawn({&one, &two}, 320, 180).top, drawn({&one}, 320, 180).top - 5);
}

TEST(DrawScript, ALongTextIsWrapped) {
  Cue cue{0, 1000, "", ""};
  for (int i = 0; i < 30; ++i) cue.text += "words ";
  EXPECT_LT(drawn({&cue}, 320, 180).top, 150);
}

}  // namespace
}  // namespace millrace::engine
