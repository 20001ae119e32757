#include "engine/backend/software/encoder_speed.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

TEST(EncoderSpeed, KnowsEveryPresetOfX264AndIsNeverFasterThanTheOneBefore) {
  int svt_av1 = 13;
  int vpx = 9;
  for (const char* preset : {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow",
                             "slower", "veryslow", "placebo"}) {
    const EncoderSpeed* speed = encoder_speed(preset);
    ASSERT_NE(speed, nullptr) << preset;
    EXPECT_LT(speed->svt_av1, svt_av1) << preset;
    EXPECT_LE(speed->vpx_cpu_used, vpx) << preset;
    svt_av1 = speed->svt_av1;
    vpx = speed->vpx_cpu_used;
  }
  EXPECT_EQ(encoder_speed("warp"), nullptr);
}

}  // namespace
}  // namespace millrace::engine
