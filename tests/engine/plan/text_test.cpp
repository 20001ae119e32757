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
}

}  // namespace
}  // namespace millrace::engine
