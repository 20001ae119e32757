#include "engine/pipeline/ass_text.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

std::string text(std::string_view ass) { return cue_text_of_ass(ass, Braces::hide).text; }
std::string settings(std::string_view ass) { return cue_text_of_ass(ass, Braces::hide).settings; }

TEST(AssText, TheTextIsTheNinthField) {
  EXPECT_EQ(text_of_event("0,0,Default,,0,0,0,,Hello, world"), "Hello, world");
  EXPECT_EQ(text_of_event("0,0,Default"), "");
}

TEST(AssText, BoldItalicsAndUnderliningStay) {
  EXPECT_EQ(text("{\\b1}a{\\b0} {\\i1}b{\\i0} {\\u1}c{\\u0}"), "<b>a</b> <i>b</i> <u>c</u>");
  EXPECT_EQ(text("{\\b700}a{\\b400}b"), "<b>a</b>b");
}

TEST(AssText, TagsNestEvenWhereOverridesCross) {
  EXPECT_EQ(text("{\\b1}a{\\i1}b{\\b0}c{\\i0}d"), "<b>a</b><b><i>b</i></b><i>c</i>d");
}

TEST(AssText, WhatIsLeftOpenIsClosed) {
  EXPECT_EQ(text("{\\i1}a\\N"), "<i>a</i>");
  EXPECT_EQ(text("{\\b1\\i1}a{\\r}b"), "<b><i>a</i></b>b");
}

TEST(AssText, OtherOverridesGo) {
  EXPECT_EQ(text("{\\pos(10,20)\\c&H00FF00&\\fs20\\blur3\\bord2\\be1\\k20}a{\\fad(1,2)}b{a comment}c"),
            "abc");
}

TEST(AssText, DrawingsGo) { EXPECT_EQ(text("a{\\p1}m 0 0 l 100 0{\\p0}b"), "ab"); }

TEST(AssText, LineBreaksAndHardSpaces) {
  EXPECT_EQ(text("a\\Nb\\nc\\hd"),
            "a\nb\nc\xC2\xA0"
            "d");
  EXPECT_EQ(text("a\\N\\N\\Nb"), "a\nb");
}

TEST(AssText, MarkupCharactersStandForThemselves) {
  EXPECT_EQ(text("1 < 2 & 3 --> 4"), "1 &lt; 2 &amp; 3 --&gt; 4");
  EXPECT_EQ(text("C:\\dir"), "C:\\dir");
  EXPECT_EQ(text("C:\\\xE2\x81\xA0Nothing"), "C:\\Nothing");
}

TEST(AssText, BracesOfOtherFormatsAreText) {
  EXPECT_EQ(cue_text_of_ass("{laughs} {\\i1}hi{\\i0}", Braces::hide_overrides).text, "{laughs} <i>hi</i>");
  EXPECT_EQ(cue_text_of_ass("\\{a\\} \\{{}b}", Braces::hide_overrides).text, "{a} {b}");
  EXPECT_EQ(text("{never closed"), "{never closed");
}

TEST(AssText, AlignmentBecomesSettings) {
  EXPECT_EQ(settings("a"), "");
  EXPECT_EQ(settings("{\\an2}a"), "");
  EXPECT_EQ(settings("{\\an8}a"), "line:0");
  EXPECT_EQ(settings("{\\an5}a"), "line:50%");
  EXPECT_EQ(settings("{\\an7}a"), "line:0 position:0% align:start");
  EXPECT_EQ(settings("{\\an3}a"), "position:100% align:end");
  EXPECT_EQ(settings("{\\a6}a"), "line:0");
  EXPECT_EQ(settings("{\\a10}a"), "line:50%");
  EXPECT_EQ(settings("{\\an8}a{\\an2}b"), "line:0");
  EXPECT_EQ(settings("{\\an99}a"), "");
}

}  // namespace
}  // namespace millrace::engine
