#include "engine/backend/software/ordinary_priority.h"

#include <gmock/gmock.h>
#include <sched.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/backend/software/video_encoder.h"
#include "tests/engine/backend/coding.h"
#include "tests/engine/backend/packet_collector.h"
#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {
namespace {

using testing::Each;

std::vector<int> policies_of_all_threads() {
  std::vector<int> found;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task"))
    found.push_back(::sched_getscheduler(std::stoi(thread.path().filename().string())));
  return found;
}

bool may_be_real_time() {
  sched_param wanted{};
  wanted.sched_priority = 1;
  if (::sched_setscheduler(0, SCHED_FIFO, &wanted) != 0) return false;
  wanted.sched_priority = 0;
  EXPECT_EQ(::sched_setscheduler(0, SCHED_OTHER, &wanted), 0);
  return true;
}

TEST(OrdinaryPriority, LastsAsLongAsItLives) {
  const bool before = may_be_real_time();
  {
    const OrdinaryPriority kept;
    EXPECT_FALSE(may_be_real_time());
    const OrdinaryPriority once_more;
    EXPECT_FALSE(may_be_real_time());
  }
  EXPECT_EQ(may_be_real_time(), before);
}

TEST(OrdinaryPriority, IsThatOfEveryThreadOfAnEncoder) {
  for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1, VideoCodec::vp9}) {
    PacketCollector collected;
    VideoEncoder encoder(test::coding(codec), collected);
    ASSERT_TRUE(encoder.push(picture(0, 96, 64)).ok());
    EXPECT_THAT(policies_of_all_threads(), Each(SCHED_OTHER)) << name_of(codec);
  }
}

}  // namespace
}  // namespace millrace::engine
