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

TEST(WithoutHeaders, LeavesPicturesAndTheirMessages) {
  EXPECT_EQ(h264_without_headers("\0\0\1\x09x\0\0\1\x67s\0\0\1\x68p\0\0\1\x06m\0\0\1\x65i"sv),
            "\0\0\0\2\x06m\0\0\0\2\x65i"sv);
  EXPECT_EQ(hevc_without_headers("\0\0\1\x40v\0\0\1\x42s\0\0\1\x44p\0\0\1\x46"
                                 "a\0\0\1\x4em\0\0\1\x26i"sv),
            "\0\0\0\2\x4em\0\0\0\2\x26i"sv);
}

}  // namespace
}  // namespace millrace::engine
