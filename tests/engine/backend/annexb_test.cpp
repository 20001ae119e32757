#include "engine/backend/software/annexb.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(NalUnits, LieBetweenStartCodes) {
  EXPECT_THAT(nal_units_of("\0\0\0\1abc\0\0\1d\0\0\0\1\x65\1\0\0"sv), ElementsAre("abc", "d", "\x65\1"sv));
  EXPECT_THAT(nal_units_of(""sv), IsEmpty());
  EXPECT_THAT(nal_units_of("\0\0\1"sv), IsEmpty());
  EXPECT_THAT(nal_units_of("\1\1\0\0"sv), IsEmpty());
}

TEST(LengthPrefixed, PutsFourBytesBeforeEachUnit) {
  EXPECT_EQ(length_prefixed("\0\0\0\1abc\0\0\1d"sv), "\0\0\0\3abc\0\0\0\1d"sv);
}

TEST(Avcc, HoldsTheParameterSets) {
  const auto avcc = avcc_of("\0\0\0\1\x67\x64\x00\x1f\xac\0\0\0\1\x68\xee\0\0\1\x06\x05"sv);
  ASSERT_TRUE(avcc.ok());
  EXPECT_EQ(*avcc, "\x01\x64\x00\x1f\xff\xe1\0\5\x67\x64\x00\x1f\xac\x01\0\2\x68\xee\xfd\xf8\xf8\0"sv);
}

TEST(Avcc, HasNoChromaFieldsInTheBaselineProfile) {
  const auto avcc = avcc_of("\0\0\1\x67\x42\xc0\x1f\xac\0\0\1\x68\xee"sv);
  ASSERT_TRUE(avcc.ok());
  EXPECT_EQ(*avcc, "\x01\x42\xc0\x1f\xff\xe1\0\5\x67\x42\xc0\x1f\xac\x01\0\2\x68\xee"sv);
}

TEST(Avcc, NeedsParameterSets) { EXPECT_EQ(avcc_of("\0\0\1\x06\x05"sv).status().code(), Code::internal); }

}  // namespace
}  // namespace millrace::engine
