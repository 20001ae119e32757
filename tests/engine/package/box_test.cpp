#include "engine/package/box.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(Box, HasItsSizeTypeAndPayload) {
  EXPECT_EQ(box("free", "ab"), "\0\0\0\x0a"s + "freeab");
  EXPECT_EQ(full_box("tfdt", 1, 0x020304, "x"), "\0\0\0\x0d"s + "tfdt" + "\x01\x02\x03\x04"s + "x");
}

TEST(Box, ReadsBackWhatWasWritten) {
  const std::string bytes = box("moof", box("mfhd", "1")) + box("mdat", "");
  const auto boxes = boxes_in(bytes);
  ASSERT_TRUE(boxes.ok());
  ASSERT_THAT(*boxes, SizeIs(2));
  const auto moof = the_box(*boxes, "moof");
  ASSERT_TRUE(moof.ok());
  const auto child = child_box(*moof, "mfhd");
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(child->payload, "1");
  EXPECT_EQ((*boxes)[1].payload, "");
  EXPECT_EQ((*boxes)[1].whole, box("mdat", ""));
}

TEST(Box, ASizeOf64BitsIsRead) {
  const std::string bytes = "\0\0\0\x01mdat\0\0\0\0\0\0\0\x12"s + "ab";
  const auto boxes = boxes_in(bytes);
  ASSERT_TRUE(boxes.ok());
  EXPECT_EQ((*boxes)[0].payload, "ab");
}

TEST(Box, WhatDoesNotFitIsRefused) {
  for (const std::string& bytes : {"\0\0"s, "\0\0\0\x09mdat"s, "\0\0\0\x07mdat"s, "\0\0\0\0mdat"s,
                                   "\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff"s, "\0\0\0\x01mdat"s})
    EXPECT_FALSE(boxes_in(bytes).ok()) << bytes.size();
}

TEST(Box, AMissingOrDoubledBoxIsNamed) {
  const std::string bytes = box("a\nbc", "") + box("trun", "") + box("trun", "");
  const auto boxes = boxes_in(bytes);
  ASSERT_TRUE(boxes.ok());
  EXPECT_THAT(the_box(*boxes, "tfdt").status().message(), HasSubstr("'tfdt'"));
  EXPECT_THAT(the_box(*boxes, "trun").status().message(), HasSubstr("more than one"));
}

TEST(ByteReader, GivesZerosPastTheEndAndSaysSo) {
  ByteReader reader("\x01\x02\x03");
  EXPECT_EQ(reader.u16(), 0x0102);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.u16(), 0);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace millrace::engine
