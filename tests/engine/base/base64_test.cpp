#include "engine/base/base64.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

// RFC 4648 §10.
TEST(Base64, TheStandardsOwnExamples) {
  EXPECT_EQ(base64_of(""), "");
  EXPECT_EQ(base64_of("f"), "Zg==");
  EXPECT_EQ(base64_of("fo"), "Zm8=");
  EXPECT_EQ(base64_of("foo"), "Zm9v");
  EXPECT_EQ(base64_of("foob"), "Zm9vYg==");
  EXPECT_EQ(base64_of("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64_of("foobar"), "Zm9vYmFy");
}

TEST(Base64, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(255 - i);
    EXPECT_EQ(from_base64(base64_of(bytes)), bytes);
  }
}

TEST(Base64, WhatIsNoneIsNothing) {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zm9v!", "Zm9 ", "Zh==", "=Zg="})
    EXPECT_FALSE(from_base64(text)) << text;
}

}  // namespace
}  // namespace millrace::engine
