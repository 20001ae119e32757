#include "engine/schedule/source_cut.h"

#include <gmock/gmock.h>

#include <set>
#include <vector>

#include "engine/base/file.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

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

// A source of 10,000 bytes, of which number 5,000 is damaged.
class CutSource : public testing::Test {
 protected:
  CutSource() {
    std::string content(10'000, '.');
    content[5'000] = 'X';
    EXPECT_TRUE(write_file(folder_.path() / "in.mov", content).ok());
    search_.source = folder_.path() / "in.mov";
    search_.folder = folder_.path() / "cut";
    search_.most_bytes = 8'000;
    search_.failure = Status(Code::corrupt_input, "/media/in.mov: at 7.0 s: X");
    search_.run = [this](const std::string& path) -> Status {
      ++runs_;
      const std::string content = read_file(path).value_or("");
      if (content.find('X') == std::string::npos) return {};
      return {Code::corrupt_input, path + ": at 1.0 s: X"};
    };
  }
  TemporaryFolder folder_;
  CutSearch search_;
  int runs_ = 0;
};

TEST_F(CutSource, GivesTheSmallestBeginningThatFailsAndLeavesNothingBehind) {
  std::vector<std::int64_t> tried;
  search_.tried = [&](std::int64_t bytes, bool fails) {
    EXPECT_EQ(fails, bytes > 5'000) << bytes;
    tried.push_back(bytes);
  };
  const auto cut = cut_source(search_, {});
  ASSERT_TRUE(cut.ok() && cut->has_value()) << to_string(cut.status());
  EXPECT_EQ((*cut)->bytes, std::string(5'000, '.') + "X");
  EXPECT_EQ((*cut)->note(), "its first 5001 bytes of 10000");
  EXPECT_EQ(tried.front(), 8'000) << "the longest first: it may not fail at all";
  EXPECT_FALSE(std::filesystem::exists(search_.folder));
}

TEST_F(CutSource, NothingWhereTheLongestDoesNotFail) {
  search_.most_bytes = 4'000;
  const auto cut = cut_source(search_, {});
  ASSERT_TRUE(cut.ok());
  EXPECT_FALSE(cut->has_value());
  EXPECT_EQ(runs_, 1);
}

TEST_F(CutSource, AskedToStopItGivesWhatItHas) {
  std::stop_source stop;
  search_.tried = [&](std::int64_t, bool) {
    if (runs_ == 2) stop.request_stop();
  };
  const auto cut = cut_source(search_, stop.get_token());
  ASSERT_TRUE(cut.ok() && cut->has_value());
  EXPECT_EQ((*cut)->bytes.size(), 8'000U) << "4,000 do not fail";
  EXPECT_EQ(runs_, 2);
}

TEST_F(CutSource, ASourceThatIsGoneIsSaid) {
  search_.source = folder_.path() / "gone.mov";
  EXPECT_EQ(cut_source(search_, {}).status().code(), Code::not_found);
}

}  // namespace
}  // namespace millrace::engine
