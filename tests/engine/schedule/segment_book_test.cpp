#include "engine/schedule/segment_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::SizeIs;

TEST(SegmentBook, CountsWithoutAGap) {
  SegmentBook book;
  EXPECT_EQ(book.unbroken("a"), 0);
  for (const std::int64_t index : {1, 3, 0}) book.add(new_segment("a", index));
  EXPECT_EQ(book.unbroken("a"), 2);
  book.add(new_segment("a", 2));
  EXPECT_EQ(book.unbroken("a"), 4);
  book.add(new_segment("a", 2));  // again
  EXPECT_EQ(book.unbroken("a"), 4);
  EXPECT_THAT(book.segments(), SizeIs(4));
}

TEST(SegmentBook, SeveralTracksAreAsFarAsTheShortest) {
  SegmentBook book;
  for (const std::int64_t index : {0, 1, 2}) book.add(new_segment("a", index));
  book.add(new_segment("b", 0));
  EXPECT_EQ(book.unbroken(std::vector<std::string>{"a", "b"}), 1);
  EXPECT_EQ(book.unbroken(std::vector<std::string>{"a", "c"}), 0);
  EXPECT_EQ(book.unbroken(std::vector<std::string>{}), 0);
  EXPECT_THAT(book.segments("a", 2), SizeIs(2));
}

TEST(SegmentBook, ATrackIsWholeOnceItsEndIsKnownAndReached) {
  SegmentBook book;
  book.note_end("a", 2);
  book.add(new_segment("a", 0));
  EXPECT_FALSE(book.whole("a"));
  book.add(new_segment("a", 1));
  EXPECT_TRUE(book.whole("a"));
  EXPECT_EQ(book.end_of("a"), 2);
  EXPECT_FALSE(book.whole("b"));
  book.note_end("b", 0);
  EXPECT_TRUE(book.whole("b"));
}

TEST(SegmentBook, ForgetsFromAnIndexOnWithTheEnd) {
  SegmentBook book;
  for (const std::int64_t index : {0, 1, 2}) {
    book.add(new_segment("a", index));
    book.add(new_segment("b", index));
  }
  book.note_end("a", 3);
  book.note_end("b", 3);
  EXPECT_TRUE(book.reaches("a", 3));  // its end
  book.forget("a", 1);
  EXPECT_EQ(book.unbroken("a"), 1);
  EXPECT_FALSE(book.end_of("a"));
  EXPECT_FALSE(book.reaches("a", 1));
  EXPECT_TRUE(book.reaches("a", 0));
  EXPECT_TRUE(book.whole("b"));
  book.forget("", 0);
  EXPECT_THAT(book.segments(), SizeIs(0));
  EXPECT_THAT(book.ends(), SizeIs(0));
}

TEST(SegmentBook, ForgetsWhatWasLostWhenATrackStartsOver) {
  SegmentBook book;
  book.note_lost("a", {"one", "two"});
  book.note_lost("b", {"one"});
  book.forget("a", 1);
  EXPECT_THAT(book.lost().at("a"), SizeIs(2));
  book.forget("a", 0);
  EXPECT_FALSE(book.lost().contains("a"));
  book.forget("", 0);
  EXPECT_THAT(book.lost(), SizeIs(0));
}

}  // namespace
}  // namespace millrace::engine
