#include "engine/job/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

TEST(StrictJson, KeepsTheOrderOfFields) {
  const auto json = parse_strict_json(R"({"b": 1, "a": [true, null, "x"]})");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->dump(), R"({"b":1,"a":[true,null,"x"]})");
}

TEST(StrictJson, SaysWhereAFieldStandsTwice) {
  const auto json = parse_strict_json(R"({"a": [{"x": 1}, {"x": {"y": 1, "z": 2, "y": 3}}]})");
  ASSERT_FALSE(json.ok());
  EXPECT_EQ(json.status().field(), "a[1].x.y");
  EXPECT_TRUE(parse_strict_json(R"({"a": {"x": 1}, "b": {"x": 1}})").ok());
}

TEST(StrictJson, AllowsThirtyTwoLevelsAndNoMore) {
  EXPECT_TRUE(parse_strict_json(std::string(32, '[') + std::string(32, ']')).ok());
  EXPECT_FALSE(parse_strict_json(std::string(33, '[') + std::string(33, ']')).ok());
  EXPECT_THAT(parse_strict_json(std::string(1'000'000, '[')).status().message(), HasSubstr("32 levels"));
}

TEST(StrictJson, RefusesWhatIsNotRfc8259) {
  for (const char* text :
       {"", " ", "{'a': 1}", "{\"a\": 01}", "[1,]", "// x\n1", "NaN", "1 2", "\"\xc0\x80\"", "1e999"})
    EXPECT_FALSE(parse_strict_json(text).ok()) << text;
}

TEST(Utf8, KnowsOverlongSurrogateAndCutForms) {
  for (const char* text :
       {"", "a", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x8E\xAC", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text : {"\x80", "\xC0\x80", "\xC3", "\xE0\x9F\x80", "\xED\xA0\x80", "\xF0\x8F\x80\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"})
    EXPECT_FALSE(is_utf8(text));
  EXPECT_EQ(as_utf8("a\xE2\x82z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST(InQuotes, HidesControlCharactersAndCutsAtACharacter) {
  EXPECT_EQ(in_quotes("a\nb"), "'a?b'");
  EXPECT_EQ(field_path("input", "a\nb\xff"), "input.a?b\xEF\xBF\xBD");
  EXPECT_EQ(field_path("", std::string(1'000, 'x')), std::string(100, 'x') + "...");
  std::string euros;
  for (int i = 0; i < 40; ++i) euros += "\xE2\x82\xAC";
  const std::string shown = in_quotes("ab" + euros);
  EXPECT_TRUE(is_utf8(shown));
  EXPECT_LT(shown.size(), 70U);
}

}  // namespace
}  // namespace millrace::engine
