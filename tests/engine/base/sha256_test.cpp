#include "engine/base/sha256.h"

#include <gtest/gtest.h>

#include "engine/base/file.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

// FIPS 180-2, appendix B.
constexpr const char* kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256, KnowsTheStandardsExamples) {
  EXPECT_EQ(sha256_of("abc"), kOfAbc);
  EXPECT_EQ(sha256_of(""), kOfNothing);
}

TEST(Sha256, PartsGiveTheDigestOfTheWhole) {
  Sha256 digest;
  digest.update("a", 1);
  digest.update("bc", 2);
  EXPECT_EQ(digest.finish(), kOfAbc);
}

TEST(Sha256, OfAFileIsThatOfItsBytes) {
  const test::TempFolder folder;
  const std::string large(700'000, 'x');
  ASSERT_TRUE(write_file(folder.path() / "large", large).ok());
  EXPECT_EQ(sha256_of_file(folder.path() / "large").value_or(""), sha256_of(large));
  EXPECT_EQ(sha256_of_file(folder.path() / "none").status().code(), Code::not_found);
}

TEST(Sha256, OfAFileEndsWithAStop) {
  const test::TempFolder folder;
  ASSERT_TRUE(write_file(folder.path() / "large", "x").ok());
  std::stop_source stop;
  EXPECT_TRUE(sha256_of_file(folder.path() / "large", stop.get_token()).ok());
  stop.request_stop();
  EXPECT_EQ(sha256_of_file(folder.path() / "large", stop.get_token()).status().code(), Code::cancelled);
}

TEST(RandomHex, HasTwoDigitsAByteAndDiffers) {
  EXPECT_EQ(random_hex(16).size(), 32U);
  EXPECT_NE(random_hex(16), random_hex(16));
  EXPECT_EQ(random_hex(8).find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(EqualInConstantTime, ComparesContentAndLength) {
  EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secre"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
}

}  // namespace
}  // namespace millrace::engine
