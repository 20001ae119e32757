#include "hw/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/hw/fake_tree.h"

namespace millrace::hw {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TextFile, ReadsAWholeFileLongerThanOneRead) {
  FakeTree tree;
  const std::string text(100'000, 'x');
  tree.put("proc/long", text);
  EXPECT_EQ(read_text(tree.path("proc/long")), text);
}

TEST(TextFile, ReadsARealFileOfProcWhoseSizeIsZero) {
  const auto status = read_text("/proc/self/status");
  ASSERT_TRUE(status);
  EXPECT_NE(status->find("Name:"), std::string::npos);
}

TEST(TextFile, AnUnreadablePathGivesNothing) {
  FakeTree tree;
  tree.put("proc/file", "x");
  EXPECT_EQ(read_text(tree.path("proc/absent")), std::nullopt);
  EXPECT_EQ(read_text(tree.path("proc")), std::nullopt) << "a folder is no text";
  EXPECT_EQ(read_line(tree.path("absent")), std::nullopt);
  EXPECT_THAT(list_names(tree.path("absent")), IsEmpty());
}

TEST(TextFile, AnEmptyFileIsAnEmptyText) {
  FakeTree tree;
  tree.put("proc/empty", "");
  EXPECT_EQ(read_text(tree.path("proc/empty")), "");
  EXPECT_EQ(read_line(tree.path("proc/empty")), "");
}

TEST(TextFile, ReadLineIsTheFirstLineTrimmed) {
  FakeTree tree;
  tree.put("sys/a", "  0x10de \nsecond\n");
  tree.put("sys/b", "no newline");
  EXPECT_EQ(read_line(tree.path("sys/a")), "0x10de");
  EXPECT_EQ(read_line(tree.path("sys/b")), "no newline");
}

TEST(TextFile, ListsNamesSorted) {
  FakeTree tree;
  tree.put("dev/b", "");
  tree.put("dev/a", "");
  tree.put("dev/c/d", "");
  EXPECT_THAT(list_names(tree.path("dev")), ElementsAre("a", "b", "c"));
}

TEST(TextFile, TrimTakesWhiteSpaceOffBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(TextFile, SplitKeepsEmptyPartsAndWordsDoesNot) {
  EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_THAT(split("a,", ','), ElementsAre("a", ""));
  EXPECT_THAT(split("", ','), IsEmpty());
  EXPECT_THAT(words("  a \t\tb\n"), ElementsAre("a", "b"));
  EXPECT_THAT(words(" \n"), IsEmpty());
}

TEST(TextFile, ParsesWholeNumbersOnly) {
  EXPECT_EQ(parse_number<int>(" 42\n"), 42);
  EXPECT_EQ(parse_number<int>("-1"), -1);
  EXPECT_EQ(parse_number<double>("0.5"), 0.5);
  EXPECT_EQ(parse_number<int>("12 kB"), std::nullopt);
  EXPECT_EQ(parse_number<int>("max"), std::nullopt);
  EXPECT_EQ(parse_number<int>(""), std::nullopt);
  EXPECT_EQ(parse_number<int>("99999999999"), std::nullopt) << "out of range";
  EXPECT_EQ(parse_number<unsigned>("-1"), std::nullopt);
}

TEST(TextFile, FieldTakesTheWholeKeyAndTheFirstLine) {
  const std::string text = "cpu cores\t: 2\nmodel\t\t: 17\nmodel name\t: A: B\nmodel name\t: C\nbare\n";
  EXPECT_EQ(field(text, "model name"), "A: B");
  EXPECT_EQ(field(text, "model"), "17");
  EXPECT_EQ(field(text, "cpu"), std::nullopt);
  EXPECT_EQ(field(text, "bare"), std::nullopt);
  EXPECT_EQ(field("anon 1\ninactive_file 77\n", "inactive_file", ' '), "77");
}

TEST(TextFile, PrintableReplacesWhatIsNotAscii) { EXPECT_EQ(printable("A\xff\tB\x01"), "A??B?"); }

}  // namespace
}  // namespace millrace::hw
