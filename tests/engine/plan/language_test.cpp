#include "engine/plan/language.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace::engine {
namespace {

TEST(Language, PlainCodesAreSmallAndSafe) {
  EXPECT_EQ(plain_language("ENG"), "eng");
  EXPECT_EQ(plain_language("pt_BR"), "pt-br");
  EXPECT_EQ(plain_language("zh-Hant-TW"), "zh-hant-tw");
  EXPECT_EQ(plain_language("qaa"), "qaa") << "for private use";
}

TEST(Language, WhatIsNoLanguageIsNone) {
  for (const char* text : {"", "und", "mul", "zxx", "e", "../etc", "a/b", "fran\xe7", "en\"x", "en\n", "12",
                           "en-", "languagetoolong", "-en"})
    EXPECT_EQ(plain_language(text), "") << text;
  EXPECT_EQ(plain_language("en" + std::string(40, 'x')), "");
}

TEST(Language, SpellingsOfOneLanguageAreTheSame) {
  EXPECT_TRUE(same_language("eng", "en"));
  EXPECT_TRUE(same_language("en-GB", "eng"));
  EXPECT_TRUE(same_language("fre", "fra"));
  EXPECT_TRUE(same_language("de", "ger"));
  EXPECT_TRUE(same_language("und", ""));
  EXPECT_TRUE(same_language("tlh", "TLH")) << "unknown here, but spelt the same";
  EXPECT_FALSE(same_language("eng", "spa"));
  EXPECT_FALSE(same_language("eng", ""));
  EXPECT_FALSE(same_language("", "eng"));
  EXPECT_FALSE(same_language("tlh", "qya"));
}

TEST(Language, NamesAreEnglish) {
  EXPECT_EQ(language_name("eng"), "English");
  EXPECT_EQ(language_name("de-AT"), "German");
  EXPECT_EQ(language_name("chi"), "Chinese");
  EXPECT_EQ(language_name("fil"), "Filipino");
  EXPECT_EQ(language_name("tlh"), "");
  EXPECT_EQ(language_name(""), "");
}

}  // namespace
}  // namespace millrace::engine
