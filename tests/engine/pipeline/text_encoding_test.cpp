#include "engine/pipeline/text_encoding.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

using testing::HasSubstr;

TEST(TextEncoding, Utf8IsWell) {
  for (const char* text :
       {"", "plain", "\xEF\xBB\xBF with a mark", "\xC3\xBC \xE2\x82\xAC \xF0\x9F\x8E\xAC", "\xED\x9F\xBF"})
    EXPECT_FALSE(utf8_fault(text)) << text;
}

TEST(TextEncoding, TableOfFaults) {
  for (const char* text : {"\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF8\x88\x80\x80\x80", "\x80", "cut \xE2\x82", "\xC3(", "\xFF"})
    EXPECT_TRUE(utf8_fault(text)) << text;
}

TEST(TextEncoding, GuessesLatin1WithItsLine) {
  const auto fault = utf8_fault(
      "one\ntwo\nfa\xE7"
      "ade\n");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->line, 3u);
  EXPECT_EQ(describe(*fault),
            "line 3 is not UTF-8 but seems to be Latin-1 (ISO 8859-1); convert it first: iconv -f ISO-8859-1 "
            "-t UTF-8");
}

TEST(TextEncoding, GuessesWindowsByItsQuotes) {
  EXPECT_THAT(describe(*utf8_fault("\x93quoted\x94 fa\xE7"
                                   "ade")),
              HasSubstr("-f WINDOWS-1252 "));
}

TEST(TextEncoding, GuessesUtf16) {
  EXPECT_EQ(utf8_fault("\xFF\xFE"
                       "1")
                ->guess,
            "UTF-16");
  EXPECT_EQ(utf8_fault(std::string_view("1\0\n\0", 4))->guess, "UTF-16");
}

}  // namespace
}  // namespace millrace::engine
