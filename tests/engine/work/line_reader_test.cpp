#include "engine/work/line_reader.h"

#include <gmock/gmock.h>

#include <vector>

namespace millrace::engine {
namespace {

std::vector<std::string> lines_of(LineReader& reader) {
  std::vector<std::string> lines;
  while (std::optional<std::string> line = reader.next()) lines.push_back(*line);
  return lines;
}

TEST(LineReader, GivesLinesHoweverTheyArrive) {
  const std::string text = "one\n\ntwo and a half\nthree\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    LineReader reader(100);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at += step) {
      ASSERT_TRUE(reader.add(std::string_view(text).substr(at, step)).ok());
      for (std::string& line : lines_of(reader)) lines.push_back(std::move(line));
    }
    EXPECT_THAT(lines, testing::ElementsAre("one", "", "two and a half", "three")) << "step " << step;
  }
}

TEST(LineReader, KeepsAnOpenLineForLater) {
  LineReader reader(100);
  ASSERT_TRUE(reader.add("whole\nop").ok());
  EXPECT_THAT(lines_of(reader), testing::ElementsAre("whole"));
  EXPECT_EQ(reader.next(), std::nullopt);
  ASSERT_TRUE(reader.add("en\n").ok());
  EXPECT_THAT(lines_of(reader), testing::ElementsAre("open"));
}

TEST(LineReader, RefusesALineBeyondItsLimitAndNotOneAtIt) {
  LineReader reader(8);
  EXPECT_TRUE(reader.add("12345678\n").ok());
  EXPECT_TRUE(reader.add("12345678").ok());
  EXPECT_TRUE(reader.add("\n1234").ok());
  EXPECT_TRUE(reader.add("5678").ok());
  EXPECT_EQ(reader.add("9").code(), Code::internal);
}

TEST(LineReader, ManyShortLinesAreNoLongLine) {
  LineReader reader(4);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(reader.add("ab\ncd").ok());
    ASSERT_TRUE(reader.add("\n").ok());
    EXPECT_THAT(lines_of(reader), testing::ElementsAre("ab", "cd"));
  }
}

}  // namespace
}  // namespace millrace::engine
