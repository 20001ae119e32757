#include "engine/pipeline/adts_times.h"

#include <gmock/gmock.h>

#include <array>
#include <cstring>
#include <new>
#include <vector>

namespace millrace::engine {
namespace {

using testing::ElementsAre;

constexpr AVRational kTimeBase{1, 90'000};
constexpr int k48 = 3;  // sampling_frequency_index
constexpr int k44 = 4;
constexpr int k32 = 5;

// A frame of 16 bytes with an ADTS header.
PacketPtr packet(std::int64_t pts, std::int64_t duration, int rate, int blocks = 1) {
  PacketPtr packet = make_packet();
  constexpr int kSize = 16;
  if (av_new_packet(packet.get(), kSize) < 0) throw std::bad_alloc();
  const std::array<int, 7> header = {
      0xff, 0xf1, 0x40 | rate << 2, 0x80, kSize >> 3, (kSize & 7) << 5 | 0x1f, 0xfc | (blocks - 1)};
  std::memset(packet->data, 0, kSize);
  for (std::size_t i = 0; i < header.size(); ++i) packet->data[i] = static_cast<std::uint8_t>(header[i]);
  packet->pts = packet->dts = pts;
  packet->duration = duration;
  return packet;
}

// As libavformat gives them: counted on in frames of `counted` ticks from the first.
std::vector<std::int64_t> mended(AdtsTimes& times, std::int64_t from, int count, int rate,
                                 std::int64_t counted = 1920) {
  std::vector<std::int64_t> found;
  for (int i = 0; i < count; ++i) {
    const PacketPtr each = packet(from + i * counted, counted, rate);
    times.mend(*each, kTimeBase);
    EXPECT_EQ(each->pts, each->dts);
    found.push_back(each->pts);
  }
  return found;
}

TEST(AdtsTimes, TimesOfTheFirstRateStay) {
  AdtsTimes times;
  EXPECT_THAT(mended(times, 1000, 4, k48), ElementsAre(1000, 2920, 4840, 6760));
  // 2089.8 ticks a frame, of which libavformat leaves out what is no whole one.
  AdtsTimes cd;
  EXPECT_THAT(mended(cd, 1000, 3, k44, 2089), ElementsAre(1000, 3089, 5178));
}

TEST(AdtsTimes, FramesOfAnotherRateFollowEachOtherInTheirOwnTime) {
  AdtsTimes times;
  mended(times, 0, 2, k48);
  EXPECT_THAT(mended(times, 100'000, 4, k44), ElementsAre(100'000, 102'090, 104'180, 106'269));
  EXPECT_THAT(mended(times, 108'359, 3, k44), ElementsAre(108'359, 110'449, 112'539)) << "said anew";
  EXPECT_THAT(mended(times, 200'000, 3, k32), ElementsAre(200'000, 202'880, 205'760));
}

TEST(AdtsTimes, CountingGoesOnWithFractionsThatTheDurationLeavesOut) {
  AdtsTimes times;
  mended(times, 0, 2, k44, 2089);
  std::vector<std::int64_t> found;
  for (const std::int64_t given : {126'000, 128'090, 130'179, 132'269}) {
    const PacketPtr each = packet(given, 2089, k48);
    times.mend(*each, kTimeBase);
    found.push_back(each->pts);
  }
  EXPECT_THAT(found, ElementsAre(126'000, 127'920, 129'840, 131'760));
}

// Raw AAC says no time but the first.
TEST(AdtsTimes, EveryRateCountsWhereNothingElseIsSaid) {
  AdtsTimes times;
  EXPECT_THAT(mended(times, 0, 2, k48), ElementsAre(0, 1920));
  EXPECT_THAT(mended(times, 3840, 2, k32), ElementsAre(3840, 6720));
  EXPECT_THAT(mended(times, 7680, 2, k48), ElementsAre(9600, 11'520));
}

TEST(AdtsTimes, TheDurationIsTheFramesOwn) {
  AdtsTimes times;
  const PacketPtr two = packet(0, 1920, k32, 2);
  times.mend(*two, kTimeBase);
  EXPECT_EQ(two->duration, 5760);
  const PacketPtr next = packet(1920, 1920, k32);
  times.mend(*next, kTimeBase);
  EXPECT_EQ(next->pts, 5760);
  EXPECT_EQ(next->duration, 2880);
}

TEST(AdtsTimes, OtherPacketsStay) {
  AdtsTimes times;
  const PacketPtr cut = packet(0, 1920, k32);
  cut->size -= 1;  // not the length that its header says
  times.mend(*cut, kTimeBase);
  EXPECT_EQ(cut->duration, 1920);
  const PacketPtr without = packet(AV_NOPTS_VALUE, 1920, k32);
  times.mend(*without, kTimeBase);
  EXPECT_EQ(without->duration, 1920);
}

}  // namespace
}  // namespace millrace::engine
