#include "server/cli/source_cut.h"

#include <gtest/gtest.h>

#include <set>

namespace millrace::server {
namespace {

using engine::Code;
using engine::Status;

TEST(SourceCut, FailuresAreTheSameButForFiguresFoldersAndLastWords) {
  const Status broken(Code::corrupt_input, "/media/a.mov: at 12.480 s: a slice is damaged");
  EXPECT_TRUE(
      is_same_failure(broken, {Code::corrupt_input, "/tmp/x1/a.mov: at 3.000 s: a slice is damaged"}));
  EXPECT_FALSE(is_same_failure(broken, {Code::io_error, "/media/a.mov: at 12.480 s: a slice is damaged"}));
  EXPECT_FALSE(
      is_same_failure(broken, {Code::corrupt_input, "/media/b.mov: at 12.480 s: a slice is damaged"}));
  EXPECT_FALSE(is_same_failure(broken, {Code::corrupt_input, "/media/a.mov: ends within a picture"}));
  const Status died(Code::device_lost,
                    "worker 71 died of signal 11 (Segmentation fault); its last words: a 0x7f");
  EXPECT_TRUE(is_same_failure(died, {Code::device_lost, "worker 9 died of signal 11 (Segmentation fault)"}));
  EXPECT_FALSE(is_same_failure(died, {Code::device_lost, "worker 71 died of signal 6 (Aborted)"}));
}

TEST(SourceCut, FindsTheSmallestPartThatFails) {
  for (const std::int64_t needed : {1, 2, 99, 700, 999, 1000})
    EXPECT_EQ(smallest_that_fails(1000, 24, [&](std::int64_t bytes) { return bytes >= needed; }), needed);
}

TEST(SourceCut, AsksNoMoreThanItMayAndGivesWhatFailed) {
  std::set<std::int64_t> failed{1'000'000};
  int asked = 0;
  const std::int64_t found = smallest_that_fails(1'000'000, 5, [&](std::int64_t bytes) {
    ++asked;
    if (bytes >= 300'000) failed.insert(bytes);
    return bytes >= 300'000;
  });
  EXPECT_EQ(asked, 5);
  EXPECT_TRUE(failed.contains(found));
  EXPECT_LT(found, 350'000);
}

TEST(SourceCut, NothingLessThanAllOfItFailing) {
  EXPECT_EQ(smallest_that_fails(100, 24, [](std::int64_t) { return false; }), 100);
  EXPECT_EQ(smallest_that_fails(0, 24, [](std::int64_t) { return true; }), 0);
}

}  // namespace
}  // namespace millrace::server
