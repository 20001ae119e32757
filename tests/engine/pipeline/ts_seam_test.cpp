#include "engine/pipeline/ts_seam.h"

#include <gtest/gtest.h>

#include "engine/base/file.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

constexpr int kPid = 0x101;

std::string packet(int counter, bool begins, int pid = kPid, bool in_error = false, bool payload = true) {
  std::string bytes(188, '\0');
  bytes[0] = 0x47;
  bytes[1] = static_cast<char>((in_error ? 0x80 : 0) | (begins ? 0x40 : 0) | pid >> 8);
  bytes[2] = static_cast<char>(pid & 0xff);
  bytes[3] = static_cast<char>((payload ? 0x10 : 0x20) | counter);
  return bytes;
}

class TsSeamTest : public testing::Test {
 protected:
  bool joined(const std::string& bytes, std::int64_t from = 0) {
    EXPECT_TRUE(write_file(folder_ / "a.ts", bytes).ok());
    return joined_between(folder_ / "a.ts", from, static_cast<std::int64_t>(bytes.size()), kPid);
  }
  bool lost(const std::string& bytes) {
    EXPECT_TRUE(write_file(folder_ / "a.ts", bytes).ok());
    return lost_between(folder_ / "a.ts", 0, static_cast<std::int64_t>(bytes.size()), kPid);
  }
  const test::TempFolder folder_;
};

TEST_F(TsSeamTest, ABreakWhereAPictureBeginsIsASeam) {
  EXPECT_TRUE(
      joined(packet(14, true) + packet(15, false) + packet(0, false) + packet(7, true) + packet(8, false)));
}

TEST_F(TsSeamTest, ABreakInsideAPictureIsALoss) {
  EXPECT_FALSE(joined(packet(14, true) + packet(15, false) + packet(1, false) + packet(2, true)));
}

TEST_F(TsSeamTest, OtherStreamsRepetitionsAndPacketsWithoutPayloadDoNotCount) {
  EXPECT_TRUE(joined(packet(1, true) + packet(9, false, 0x100) + packet(1, true) +
                     packet(1, false, kPid, false, false) + packet(2, false)));
}

TEST_F(TsSeamTest, APacketInErrorIsALoss) {
  EXPECT_FALSE(joined(packet(1, true) + packet(2, true, kPid, true)));
}

TEST_F(TsSeamTest, ABreakInsideIsALossWhateverOthersDo) {
  EXPECT_TRUE(lost(packet(14, true) + packet(1, false) + packet(2, true)));
  EXPECT_TRUE(lost(packet(14, true) + packet(1, true, 0) + packet(1, false) + packet(9, true, 0)));
  EXPECT_TRUE(lost(packet(1, true) + packet(2, true, kPid, true)));
}

TEST_F(TsSeamTest, ABreakBeforeABeginningIsALossWhereOthersGoOn) {
  const std::string before = packet(14, true) + packet(3, true, 0x100);
  EXPECT_TRUE(lost(before + packet(4, false, 0x100) + packet(1, true)));
  EXPECT_FALSE(lost(before + packet(0, true, 0x100) + packet(1, true))) << "a seam";
  EXPECT_FALSE(lost(packet(14, true) + packet(1, true))) << "nothing to compare with";
}

TEST_F(TsSeamTest, APauseIsNoLoss) {
  EXPECT_FALSE(lost(packet(14, true) + packet(3, true, 0x100) + packet(4, false, 0x100) + packet(15, true)));
  std::string announced = packet(7, true);
  announced[3] = static_cast<char>(0x30 | 7);
  announced[4] = 1;
  announced[5] = static_cast<char>(0x80);
  EXPECT_FALSE(lost(packet(14, true) + packet(3, true, 0x100) + packet(4, false, 0x100) + announced));
}

TEST_F(TsSeamTest, ReadsPacketsWithTimeCodesFromAnywhere) {
  std::string bytes;
  for (int i = 0; i < 12; ++i) bytes += "time" + packet(i < 6 ? i : i + 3, i == 6);
  EXPECT_TRUE(joined(bytes));
  EXPECT_TRUE(joined(bytes, 192 * 3 + 4));
  EXPECT_FALSE(joined("this is no transport stream at all, whatever its name says"));
}

}  // namespace
}  // namespace millrace::engine
