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

// 60 packets of a transport stream; a table before each tenth, which has random access; number 45 damaged.
class CutStream : public CutSource {
 protected:
  static constexpr int kPacket = 188;
  CutStream() {
    std::string content;
    for (int number = 0; number < 60; ++number) {
      std::string packet("\x47\x01\x00\x10", 4);
      if (number % 10 == 9) packet[1] = 0;
      if (number % 10 == 0) packet = std::string("\x47\x01\x00\x30\x01\x40", 6);
      packet.resize(kPacket, number == 45 ? 'X' : '.');
      content += packet;
    }
    EXPECT_TRUE(write_file(search_.source, content).ok());
    search_.most_bytes = 16 * kPacket;
    search_.place = 0.7;
    search_.most_tries = 24;
  }
};

TEST_F(CutStream, APartAroundThePlaceIsCutWhereNoBeginningFails) {
  const auto cut = cut_source(search_, {});
  ASSERT_TRUE(cut.ok() && cut->has_value()) << to_string(cut.status());
  // Packet 40 is the last with random access before the damage; of that, the first byte is enough.
  EXPECT_EQ((*cut)->part, (SourcePart{0, 40 * kPacket, 45 * kPacket + 5}));
  EXPECT_EQ((*cut)->bytes.size(), 945U);
  EXPECT_EQ((*cut)->note(), "its bytes 7520 to 8465 of 11280");
  EXPECT_LE(runs_, 40);
  search_.place.reset();
  EXPECT_FALSE(cut_source(search_, {})->has_value()) << "without a place there are beginnings alone";
}

TEST_F(CutStream, PartsThatFailOfBeingCutAreNotKept) {
  search_.run = [this](const std::string& path) -> Status {
    ++runs_;
    if (read_file(path).value_or("").size() < 60U * kPacket && runs_ > 1)
      return {Code::corrupt_input, path + ": at 1.0 s: X"};
    return {};
  };
  EXPECT_FALSE(cut_source(search_, {})->has_value());
  EXPECT_EQ(runs_, 2);
}

TEST_F(CutStream, BeginsWhereAReaderCanTakeItUp) {
  const auto part = [&](std::int64_t from, std::int64_t most) {
    return part_from(search_.source, from, most);
  };
  EXPECT_EQ(part(12 * kPacket + 1, 40 * kPacket), (SourcePart{0, 19 * kPacket, 59 * kPacket}));
  EXPECT_EQ(part(12 * kPacket + 1, 4 * kPacket), (SourcePart{0, 13 * kPacket, 17 * kPacket}))
      << "none is near";
  EXPECT_EQ(part(60 * kPacket, kPacket), std::nullopt);
  const auto of = [&](const std::string& content, std::int64_t from) {
    EXPECT_TRUE(write_file(search_.source, content).ok());
    return part(from, 40);
  };
  using namespace std::string_literals;
  const std::string cluster = "\x1f\x43\xb6\x75"s + "12345678";
  EXPECT_EQ(of("\x1a\x45\xdf\xa3 tracks "s + cluster + cluster + cluster, 13), (SourcePart{12, 24, 48}));
  EXPECT_EQ(of("\x1a\x45\xdf\xa3 tracks "s + cluster, 13), std::nullopt);
  const std::string pack = "\0\0\1\xba"s + "1234567890";
  EXPECT_EQ(of(pack + pack + pack, 3), (SourcePart{0, 14, 42}));
  const auto box = [](const char* name, char size) {
    return "\0\0\0"s + size + name + std::string(size - 8, '.');
  };
  const std::string moof = box("moof", 10) + box("mdat", 12);
  EXPECT_EQ(of(box("ftyp", 16) + moof + moof + moof, 17), (SourcePart{16, 38, 62}));
  EXPECT_EQ(of(box("ftyp", 16) + box("moov", 40) + box("mdat", 40), 17), std::nullopt);
  EXPECT_EQ(of("RIFF and so on and on", 3), std::nullopt);
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
