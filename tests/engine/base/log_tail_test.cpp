#include "engine/base/log_tail.h"

#include <gmock/gmock.h>

#include "engine/base/log.h"

namespace millrace::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(LogTail, KeepsTheLastLinesAndNoneWithoutEnd) {
  LogTail tail(2);
  tail.add("one\n");
  tail.add("two");
  tail.add(std::string(5000, 'x'));
  EXPECT_THAT(tail.lines(), ElementsAre("two", SizeIs(1000)));
}

TEST(LogTail, HearsTheLog) {
  const auto before = spdlog::default_logger();
  init_log("tester");
  spdlog::warn("the tail shall hear of this");
  spdlog::debug("and not of this");
  spdlog::set_default_logger(before);
  EXPECT_THAT(log_tail().lines(), Contains(HasSubstr("warning tester: the tail shall hear of this")));
  EXPECT_THAT(log_tail().lines(), testing::Not(Contains(HasSubstr("and not of this"))));
}

}  // namespace
}  // namespace millrace::engine
