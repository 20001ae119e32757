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

}  // namespace
}  // namespace millrace::engine
