#include "engine/pipeline/data_status.h"

#include <gmock/gmock.h>

#include "engine/pipeline/av.h"

namespace millrace::engine {
namespace {

using testing::StartsWith;

TEST(DataStatus, TakesWhatTellsNothingForDamage) {
  for (const int error : {AVERROR_INVALIDDATA, AVERROR(EPERM), AVERROR(EIO), AVERROR_EOF, AVERROR(EINVAL),
                          AVERROR_BUG, AVERROR_UNKNOWN}) {
    const Status status = data_status(error, "a.mkv: cannot open");
    EXPECT_EQ(status.code(), Code::corrupt_input) << to_string(status);
    EXPECT_THAT(status.message(), StartsWith("a.mkv: cannot open: "));
  }
}

TEST(DataStatus, LeavesTheRestAsItIs) {
  EXPECT_EQ(data_status(AVERROR(ENOMEM), "a").code(), av_status(AVERROR(ENOMEM), "a").code());
  EXPECT_EQ(data_status(AVERROR(ENOENT), "a").code(), Code::not_found);
  EXPECT_EQ(data_status(AVERROR(EACCES), "a").code(), Code::invalid_argument);
  EXPECT_EQ(data_status(AVERROR_PATCHWELCOME, "a").code(), Code::unsupported);
  EXPECT_EQ(data_status(AVERROR_EXIT, "a").code(), Code::cancelled);
}

}  // namespace
}  // namespace millrace::engine
