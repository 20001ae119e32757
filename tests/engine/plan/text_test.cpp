#include "engine/plan/text.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

TEST(PlanText, NumbersAreShort) {
  EXPECT_EQ(bit_rate_text(128'000), "128 kb/s");
  EXPECT_EQ(bit_rate_text(2'800'000), "2.8 Mb/s");
  EXPECT_EQ(bit_rate_text(5'000'000), "5 Mb/s");
  EXPECT_EQ(size_text(1000), "1000 bytes");
  EXPECT_EQ(size_text(26'000'000), "24.8 MiB");
  EXPECT_EQ(size_text(std::int64_t{1} << 52), "4096 TiB");
  EXPECT_EQ(rate_text({30000, 1001}), "29.97");
  EXPECT_EQ(rate_text({100, 1}), "100");
  EXPECT_EQ(seconds_text(62.3204), "62.32 s");
  EXPECT_EQ(seconds_text(0), "0 s");
  EXPECT_EQ(channels_text(1), "mono");
  EXPECT_EQ(channels_text(2), "stereo");
  EXPECT_EQ(channels_text(6), "5.1");
  EXPECT_EQ(channels_text(8), "8 channels");
  EXPECT_EQ(count_text(1, "thread"), "1 thread");
  EXPECT_EQ(count_text(2, "thread"), "2 threads");
}

}  // namespace
}  // namespace millrace::engine
