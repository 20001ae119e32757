#include "engine/base/work_count.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

TEST(WorkCount, GrowsWithEachPieceOfWork) {
  const std::int64_t before = work_done();
  note_work();
  note_work();
  EXPECT_EQ(work_done(), before + 2);
}

}  // namespace
}  // namespace millrace::engine
