#include "engine/verify/receipt_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

ReceiptContent content() {
  ReceiptContent content;
  content.folders = {"abr"};
  content.file_outputs = {{"web.mp4", {75}}};
  FinishedSegment segment;
  segment.track = "abr/90p";
  segment.file = "abr/90p/00001.m4s";
  content.tracks = {{"abr/90p", true, true, {segment}}};
  content.files = {{"abr/90p/00001.m4s", 10, "ab"}};
  return content;
}

std::string sealed(const ReceiptContent& content) {
  nlohmann::ordered_json json = to_json(content);
  seal(json);
  return json.dump(2);
}

TEST(ReceiptJson, GivesTheSameContentBack) {
  const Result<ReceiptContent> read = receipt_content_from(sealed(content()));
  ASSERT_TRUE(read.ok()) << to_string(read.status());
  EXPECT_EQ(to_json(*read), to_json(content()));
}

TEST(ReceiptJson, ASealedReceiptWithoutItsListsIsRefused) {
  for (const char* name : {"folders", "file_outputs", "tracks", "files"}) {
    nlohmann::ordered_json json = to_json(content());
    json.erase(name);
    seal(json);
    const Result<ReceiptContent> read = receipt_content_from(json.dump());
    ASSERT_FALSE(read.ok());
    EXPECT_THAT(read.status().message(), HasSubstr(name));
  }
}

TEST(ReceiptJson, FilesOutsideTheFolderAreRefused) {
  for (const char* path : {"/etc/passwd", "../other.mp4", "abr/../../other.mp4", ""}) {
    ReceiptContent outside = content();
    outside.files[0].path = path;
    EXPECT_THAT(receipt_content_from(sealed(outside)).status().message(), HasSubstr("outside its folder"))
        << path;
    outside = content();
    outside.folders[0] = path;
    EXPECT_FALSE(receipt_content_from(sealed(outside)).ok()) << path;
    outside = content();
    outside.tracks[0].segments[0].file = path;
    EXPECT_FALSE(receipt_content_from(sealed(outside)).ok()) << path;
  }
}

TEST(ReceiptJson, SealingTwiceIsSealingOnce) {
  nlohmann::ordered_json json = to_json(content());
  seal(json);
  const std::string once = json.dump();
  seal(json);
  EXPECT_EQ(json.dump(), once);
}

}  // namespace
}  // namespace millrace::engine
