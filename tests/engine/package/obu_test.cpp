#include "engine/package/obu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

const std::string kDelimiter = "\x12\x00"s;
const std::string kSequence = "\x0a\x02\x00\x00"s;       // profile 0, no still picture
const std::string kStillSequence = "\x0a\x02\x18\x00"s;  // still_picture and its reduced header
const std::string kKeyFrame = "\x32\x02\x10\xaa"s;       // shown
const std::string kHiddenKeyFrame = "\x32\x02\x00\xaa"s;
const std::string kInterFrame = "\x32\x02\x30\xaa"s;
const std::string kShowExisting = "\x1a\x01\x80"s;

TEST(Obus, StandOneAfterTheOther) {
  const std::string bytes = kDelimiter + kSequence + kKeyFrame;
  const auto found = obus_in(bytes);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ((*found)[0].type, 2);
  EXPECT_EQ((*found)[0].payload, "");
  EXPECT_EQ((*found)[1].type, 1);
  EXPECT_EQ((*found)[2].type, 6);
  EXPECT_EQ((*found)[2].payload, "\x10\xaa"sv);
  EXPECT_EQ((*found)[2].whole, kKeyFrame);
}

TEST(Obus, HaveSizesOfSeveralBytesAndExtensions) {
  const std::string payload(300, 'x');
  const std::string bytes = "\x36\x08\xac\x02"s + payload;
  const auto found = obus_in(bytes);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ((*found)[0].payload, payload);
}

TEST(Obus, ThatAreNoneAreRefused) {
  for (const std::string& bytes : {"\x32\x05\x10"s, "\x32"s, "\x30\x01\x10"s, "\xb2\x01\x10"s, "\x36"s,
                                   "\x32\xff\xff\xff\xff\xff\xff\xff\xff\x01"s}) {
    EXPECT_EQ(obus_in(bytes).status().code(), Code::internal);
    EXPECT_FALSE(opens_with_key_frame(bytes));
    EXPECT_EQ(without_temporal_delimiters(bytes), bytes);
  }
}

TEST(TemporalUnit, IsStoredWithoutItsDelimiter) {
  EXPECT_EQ(without_temporal_delimiters(kDelimiter + kSequence + kKeyFrame), kSequence + kKeyFrame);
  EXPECT_EQ(without_temporal_delimiters(kInterFrame), kInterFrame);
}

TEST(TemporalUnit, OpensWithAKeyFrameThatIsShown) {
  EXPECT_TRUE(opens_with_key_frame(kSequence + kKeyFrame));
  EXPECT_TRUE(opens_with_key_frame(kDelimiter + kSequence + kKeyFrame + kInterFrame));
  EXPECT_TRUE(opens_with_key_frame(kStillSequence + kInterFrame));
  EXPECT_FALSE(opens_with_key_frame(kKeyFrame)) << "a decoder cannot begin without the sequence header";
  EXPECT_FALSE(opens_with_key_frame(kSequence + kHiddenKeyFrame));
  EXPECT_FALSE(opens_with_key_frame(kSequence + kInterFrame));
  EXPECT_FALSE(opens_with_key_frame(kSequence + kShowExisting));
  EXPECT_FALSE(opens_with_key_frame(kKeyFrame + kSequence));
  EXPECT_FALSE(opens_with_key_frame(kSequence));
  EXPECT_FALSE(opens_with_key_frame(""));
}

}  // namespace
}  // namespace millrace::engine
