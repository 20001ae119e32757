// Files of jobs: whole, in part, conditional, and only those of the job.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/server/running_server.h"

namespace millrace::test {
namespace {

namespace fs = std::filesystem;
using testing::StartsWith;

class EdgeFiles : public RunningServer {
 protected:
  void SetUp() override {
    jobs_.add(kJob);
    start();
  }
  Answer get(const std::string& name, const std::string& headers = "") {
    return ask_once(port(), "GET", file_url(name), headers);
  }
};

// So long that it does not fit into the buffers of the sockets.
std::string long_text() {
  std::string text;
  while (text.size() < 12'000'000) text += fmt::format("{:09} ", text.size());
  return text;
}

TEST_F(EdgeFiles, ComeWholeWithTypeAndTag) {
  write_file("abr/1080p/00001.m4s", "0123456789");
  const Answer answer = get("abr/1080p/00001.m4s");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "0123456789");
  EXPECT_EQ(answer.header("content-type"), "video/iso.segment");
  EXPECT_EQ(answer.header("accept-ranges"), "bytes");
  EXPECT_THAT(answer.header("etag"), StartsWith("\""));
  EXPECT_FALSE(answer.header("last-modified").empty());
  const Answer head = ask_once(port(), "HEAD", file_url("abr/1080p/00001.m4s"), "Range: bytes=0-1\r\n");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "10");
  EXPECT_EQ(head.header("etag"), answer.header("etag"));
  EXPECT_EQ(get("abr/1080p/00001.m4s?_HLS_msn=3").status, 200);
}

TEST_F(EdgeFiles, ComeWholeHoweverLong) {
  const std::string text = long_text();
  write_file("web.mp4", text);
  RawClient client(port(), 4096);
  const Answer answer = client.ask("GET", file_url("web.mp4"));
  EXPECT_TRUE(answer.whole);
  EXPECT_EQ(answer.body, text);
  EXPECT_EQ(client.ask("GET", file_url("web.mp4"), "Range: bytes=11999995-\r\n").body,
            text.substr(11'999'995));
}

TEST_F(EdgeFiles, ComeInPart) {
  write_file("a.mp4", "0123456789");
  const Answer part = get("a.mp4", "Range: bytes=2-4\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.header("content-range"), "bytes 2-4/10");
  EXPECT_EQ(get("a.mp4", "Range: bytes=-3\r\n").body, "789");
  EXPECT_EQ(get("a.mp4", "Range: bytes=8-\r\n").body, "89");
  const Answer beyond = get("a.mp4", "Range: bytes=10-\r\n");
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.header("content-range"), "bytes */10");
  EXPECT_EQ(get("a.mp4", "Range: bytes=0-1,4-5\r\n").status, 200);
}

TEST_F(EdgeFiles, AreNotSentAgainToWhoHasThem) {
  write_file("a.m3u8", "one");
  const std::string tag = get("a.m3u8").header("etag");
  RawClient client(port());
  const Answer same = client.ask("GET", file_url("a.m3u8"), "If-None-Match: " + tag + "\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("etag"), tag);
  EXPECT_EQ(client.ask("GET", file_url("a.m3u8"), "If-Range: " + tag + "\r\nRange: bytes=0-0\r\n").body, "o");
  // As a playlist grows: written aside and renamed.
  write_file("b.m3u8", "two");
  fs::rename(folder_ / kJob / "b.m3u8", folder_ / kJob / "a.m3u8");
  EXPECT_EQ(client.ask("GET", file_url("a.m3u8"), "If-None-Match: " + tag + "\r\n").body, "two");
  EXPECT_EQ(client.ask("GET", file_url("a.m3u8"), "If-Range: " + tag + "\r\nRange: bytes=0-0\r\n").body,
            "two");
}

TEST_F(EdgeFiles, EmptyOnesAreFiles) {
  write_file("empty.vtt", "");
  const Answer answer = get("empty.vtt");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-length"), "0");
}

TEST_F(EdgeFiles, NothingOutsideTheJobCanBeReached) {
  write_file("a.mp4", "inside");
  std::ofstream(folder_ / "secret.txt") << "secret";
  write_file(".parts/00001.m4s", "half");
  write_file("abr/.staging.m4s", "half");
  const fs::path job = folder_ / kJob;
  fs::create_symlink(folder_ / "secret.txt", job / "link.txt");
  fs::create_symlink("a.mp4", job / "inner.mp4");
  fs::create_directory_symlink(folder_.path(), job / "up");
  fs::create_directory(job / "folder");
  ASSERT_EQ(::mkfifo((job / "pipe").c_str(), 0600), 0);
  for (const char* name : {"link.txt", "inner.mp4", "up/secret.txt", "folder", "pipe", ".parts/00001.m4s",
                           "abr/.staging.m4s", "a.mp4/x", "nothing", "abr"}) {
    const Answer answer = get(name);
    EXPECT_EQ(answer.status, 404) << name;
    EXPECT_EQ(answer.body.find(folder_.path().string()), std::string::npos) << answer.body;
  }
  for (const char* name :
       {"../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "a.mp4%00", "/etc/passwd"})
    EXPECT_EQ(get(name).status, 400) << name;
  EXPECT_EQ(ask_once(port(), "GET", "/v1/jobs/nobody/files/a.mp4").status, 404);
  EXPECT_EQ(ask_once(port(), "GET", "/v1/jobs/.%2e/files/secret.txt").status, 400);
  EXPECT_EQ(ask_once(port(), "POST", file_url("a.mp4"), "", "x").status, 405);
  EXPECT_EQ(get("a.mp4").body, "inside");
}

TEST_F(EdgeFiles, ThatShrinkWhileSentEndTheConnection) {
  write_file("web.mp4", long_text());
  RawClient client(port(), 4096);
  client.send("GET " + file_url("web.mp4") + " HTTP/1.1\r\nHost: t\r\n\r\n");
  client.read_until("\r\n\r\n");
  fs::resize_file(folder_ / kJob / "web.mp4", 1000);
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(ask_once(port(), "GET", "/healthz").status, 200);
}

TEST_F(EdgeFiles, ReadersThatVanishLeaveNoDescriptorOpen) {
  write_file("web.mp4", long_text());
  const auto descriptors = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  EXPECT_EQ(get("web.mp4", "Range: bytes=0-1\r\n").status, 206);
  const auto before = descriptors();
  for (int i = 0; i < 30; ++i) {
    RawClient client(port(), 4096);
    client.send("GET " + file_url("web.mp4") + " HTTP/1.1\r\nHost: t\r\n\r\n");
    client.read_until("\r\n\r\n");
    client.reset();
  }
  // A stop waits for what the server still does, and closes its port too.
  server_->stop();
  EXPECT_LT(descriptors(), before);
}

class SlowReaders : public RunningServer {};

TEST_F(SlowReaders, AreCutOffAndHoldNobodyUp) {
  limits_.write = std::chrono::milliseconds(300);
  limits_.linger = std::chrono::milliseconds(100);
  limits_.connections = 9;
  jobs_.add(kJob);
  write_file("web.mp4", long_text());
  start();
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(std::make_unique<RawClient>(port(), 4096));
    slow.back()->send("GET " + file_url("web.mp4") + " HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_THAT(slow.back()->read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  }
  RawClient good(port());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(good.ask("GET", "/v1/jobs").status, 200);
  // Others get all their places only when every slow one has been cut off.
  std::vector<std::unique_ptr<RawClient>> others;
  while (others.size() < slow.size()) {
    auto other = std::make_unique<RawClient>(port());
    if (other->ask("GET", "/healthz").status == 200) others.push_back(std::move(other));
    EXPECT_EQ(good.ask("GET", "/healthz").status, 200);
  }
  for (auto& client : slow) EXPECT_LT(client->read_until("no such text").size(), 12'000'000U);
}

}  // namespace
}  // namespace millrace::test
