#include "engine/schedule/open_ranges.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using Indexes = std::set<std::int64_t>;

TEST(OpenRange, IsAllThatIsLacking) {
  EXPECT_EQ(open_range({{}, {}}, {}, std::nullopt), (SegmentRange{0, -1}));
  EXPECT_EQ(open_range({{0, 1, 2}, {0, 1}}, {}, std::nullopt), (SegmentRange{2, -1}));
  EXPECT_EQ(open_range({{0, 1, 2}, {0, 1}}, {}, 5), (SegmentRange{2, 5}));
  EXPECT_EQ(open_range({{0, 1, 2}}, {}, 3), std::nullopt);
}

TEST(OpenRange, EndsWhereARenditionHasSomethingAgain) {
  EXPECT_EQ(open_range({{0, 1, 5, 6}, {0, 1, 2, 5}}, {}, std::nullopt), (SegmentRange{2, 5}));
  EXPECT_EQ(open_range({{0, 1, 4, 5}, {0, 1, 2, 5}}, {}, std::nullopt), (SegmentRange{2, 4}));
  EXPECT_EQ(open_range({{0, 1, 2, 3, 4, 5}, {0, 1, 2, 3, 5}}, {}, std::nullopt), (SegmentRange{4, 5}));
  EXPECT_EQ(open_range({{0, 1, 2}, {0, 1, 2, 3}}, {}, std::nullopt), (SegmentRange{3, -1}));
}

TEST(OpenRange, LeavesOutWhatOthersAreMaking) {
  EXPECT_EQ(open_range({{}}, {{0, 4}}, std::nullopt), (SegmentRange{4, -1}));
  EXPECT_EQ(open_range({{0}}, {{4, 8}, {8, -1}}, std::nullopt), (SegmentRange{1, 4}));
  EXPECT_EQ(open_range({{0}}, {{4, -1}, {0, 4}}, std::nullopt), std::nullopt);
  EXPECT_EQ(open_range({{0, 4, 5}}, {{0, 4}}, 7), (SegmentRange{6, 7}));
  EXPECT_EQ(open_range({Indexes{4}}, {{0, 3}, {5, 7}}, 7), (SegmentRange{3, 4}));
}

TEST(PartOfARange, IsHalfOfWhatFallsToOneWorker) {
  EXPECT_EQ(part_of({0, -1}, 1, 100, 3), (SegmentRange{0, -1}));
  EXPECT_EQ(part_of({0, -1}, 2, 40, 3), (SegmentRange{0, 10}));
  EXPECT_EQ(part_of({10, -1}, 2, 40, 3), (SegmentRange{10, 18}));
  EXPECT_EQ(part_of({0, -1}, 4, 16, 3), (SegmentRange{0, 3}));
  EXPECT_EQ(part_of({5, 30}, 2, 40, 3), (SegmentRange{5, 12}));
}

TEST(PartOfARange, TakesAShortRestAlongAndIsNeverEndless) {
  EXPECT_EQ(part_of({12, -1}, 4, 16, 3), (SegmentRange{12, -1}));
  EXPECT_EQ(part_of({12, 17}, 4, 40, 3), (SegmentRange{12, 17}));
  EXPECT_EQ(part_of({20, -1}, 4, 16, 3), (SegmentRange{20, -1}));
  EXPECT_EQ(part_of({0, -1}, 2, 10'000, 3), (SegmentRange{0, 24}));
}

}  // namespace
}  // namespace millrace::engine
