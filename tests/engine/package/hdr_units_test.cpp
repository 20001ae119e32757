#include "engine/package/hdr_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using namespace std::string_literals;

const HdrMetadata kHdr10 = {"G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)",
                            "1000,400"};

// With lengths of four bytes: a delimiter, a picture timing, the slice of an IDR picture.
const std::string kDelimiter = "\x00\x00\x00\x03\x46\x01\x50"s;
const std::string kTiming = "\x00\x00\x00\x06\x4e\x01\x01\x01\x55\x80"s;
const std::string kSlice = "\x00\x00\x00\x04\x26\x01\xaf\x09"s;

// Rec. ITU-T H.265 §D.2.28 and §D.2.35 in one unit, its two zeros before a 0 escaped.
const std::string kSei =
    "\x00\x00\x00\x24\x4e\x01"
    "\x89\x18\x33\xc2\x86\xc4\x1d\x4c\x0b\xb8\x84\xd0\x3e\x80\x3d\x13\x40\x42\x00\x98\x96\x80\x00\x00\x03\x00"
    "\x32"
    "\x90\x04\x03\xe8\x01\x90"
    "\x80"s;

TEST(HevcWithHdr, SaysItBeforeTheFirstSlice) {
  EXPECT_EQ(*hevc_with_hdr(kDelimiter + kTiming + kSlice + kSlice, kHdr10),
            kDelimiter + kTiming + kSei + kSlice + kSlice);
  EXPECT_EQ(*hevc_with_hdr(kSlice, {"", "1000,400"}),
            "\x00\x00\x00\x09\x4e\x01\x90\x04\x03\xe8\x01\x90\x80"s + kSlice);
}

TEST(HevcWithHdr, HasRoomForNoMoreThanThereIs) {
  EXPECT_EQ(*hevc_with_hdr(kSlice, {"", "100000,400"}),
            "\x00\x00\x00\x09\x4e\x01\x90\x04\xff\xff\x01\x90\x80"s + kSlice);
}

const std::string kSequence = "\x0a\x02\x00\x00"s;
const std::string kKeyFrame = "\x32\x02\x10\xaa"s;

// AV1 specification §5.8.3 and §5.8.4.
const std::string kLightObu = "\x2a\x06\x01\x03\xe8\x01\x90\x80"s;
const std::string kDisplayObu =
    "\x2a\x1a\x02\xae\x14\x51\xec\x43\xd7\xb0\xa4\x26\x66\x0f\x5c\x50\x0d\x54\x39"
    "\x00\x03\xe8\x00\x00\x00\x00\x52\x80"s;

TEST(Av1WithHdr, SaysItBetweenTheSequenceHeaderAndTheFrame) {
  EXPECT_EQ(*av1_with_hdr(kSequence + kKeyFrame + kKeyFrame, kHdr10),
            kSequence + kLightObu + kDisplayObu + kKeyFrame + kKeyFrame);
  EXPECT_EQ(*av1_with_hdr(kKeyFrame, {"", "1000,400"}), kLightObu + kKeyFrame);
}

TEST(WithHdr, LeavesASampleAsItIsWhereNothingIsSaid) {
  EXPECT_EQ(*hevc_with_hdr("no units"s, {}), "no units"s);
  EXPECT_EQ(*av1_with_hdr("no units"s, {}), "no units"s);
}

TEST(WithHdr, RefusesTextsThatAreNoneAndSamplesWithoutAFrame) {
  for (const HdrMetadata& wrong : {HdrMetadata{"bright", ""}, HdrMetadata{"", "very"}}) {
    EXPECT_EQ(hevc_with_hdr(kSlice, wrong).status().code(), Code::invalid_argument);
    EXPECT_EQ(av1_with_hdr(kKeyFrame, wrong).status().code(), Code::invalid_argument);
  }
  for (const std::string& damaged :
       {""s, "\x00\x00"s, kDelimiter, "\x00\x00\x00\x09\x26\x01"s, "\x00\x00\x00\x00"s})
    EXPECT_EQ(hevc_with_hdr(damaged, kHdr10).status().code(), Code::internal);
  for (const std::string& damaged : {""s, kSequence, "\x32\x05\x10"s})
    EXPECT_EQ(av1_with_hdr(damaged, kHdr10).status().code(), Code::internal);
}

}  // namespace
}  // namespace millrace::engine
