// Event streams: replay, then live, each client at its own speed.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "tests/server/running_server.h"

namespace millrace::test {
namespace {

using engine::JobState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class EdgeEvents : public RunningServer {
 protected:
  static std::string events_url() { return std::string("/v1/jobs/") + kJob + "/events"; }
  static void listen(RawClient& client, const std::string& target, const std::string& headers = "") {
    client.send(fmt::format("GET {} HTTP/1.1\r\nHost: t\r\n{}\r\n", target, headers));
    const std::string head = client.read_until("\r\n\r\n");
    EXPECT_THAT(head, StartsWith("HTTP/1.1 200")) << head;
    EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream\r\n"));
    client.read_until(": events follow\n\n");
  }
  // The id of the next event; comments are passed over. Empty at the end.
  static std::string next_id(RawClient& client) {
    for (;;) {
      const std::string frame = client.read_until("\n\n");
      if (frame.empty()) return "";
      if (frame.starts_with("id: ")) return frame.substr(4, frame.find('\n') - 4);
    }
  }
};

TEST_F(EdgeEvents, OfAJobAreReplayedAndThenLive) {
  jobs_.add(kJob);
  jobs_.announce(kJob, "queued");
  jobs_.announce("another", "queued");
  jobs_.announce(kJob, "started", R"({"attempt":1})");
  start();
  RawClient client(port());
  listen(client, events_url());
  EXPECT_EQ(client.read_until("\n\n"),
            fmt::format("id: 1\nevent: queued\ndata: {{\"job_id\":\"{}\"}}\n\n", kJob));
  EXPECT_EQ(client.read_until("\n\n"),
            fmt::format("id: 3\nevent: started\ndata: {{\"job_id\":\"{}\",\"attempt\":1}}\n\n", kJob));
  jobs_.announce("another", "started");
  jobs_.announce(kJob, "segment");
  EXPECT_EQ(next_id(client), "5");
  jobs_.complete(kJob);
  EXPECT_EQ(next_id(client), "6");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(EdgeEvents, GoOnAfterTheLastOneSeen) {
  jobs_.add(kJob);
  for (int i = 0; i < 5; ++i) jobs_.announce(kJob, "progress");
  start();
  RawClient by_header(port()), by_query(port()), header_first(port());
  listen(by_header, events_url(), "Last-Event-ID: 3\r\n");
  EXPECT_EQ(next_id(by_header), "4");
  listen(by_query, events_url() + "?after=2");
  EXPECT_EQ(next_id(by_query), "3");
  listen(header_first, events_url() + "?after=0", "Last-Event-ID: 4\r\n");
  EXPECT_EQ(next_id(header_first), "5");
}

TEST_F(EdgeEvents, ReplayHasNoGapBeforeWhatIsLive) {
  jobs_.add(kJob);
  constexpr int kBefore = 3000, kDuring = 2000;
  for (int i = 0; i < kBefore; ++i) jobs_.announce(kJob, "progress", R"({"done":0.5})");
  start();
  RawClient client(port());
  listen(client, "/v1/events?after=0");
  std::thread busy([&] {
    for (int i = 0; i < kDuring; ++i) jobs_.announce(kJob, "progress", R"({"done":0.7})");
  });
  for (int i = 1; i <= kBefore + kDuring; ++i) ASSERT_EQ(next_id(client), std::to_string(i));
  busy.join();
}

TEST_F(EdgeEvents, OfAllJobsBeginNow) {
  jobs_.announce("a", "queued");
  start();
  RawClient client(port());
  listen(client, "/v1/events");
  // Its place in the stream is taken once the head is here.
  jobs_.announce("b", "completed");
  jobs_.announce("c", "queued");
  EXPECT_EQ(next_id(client), "2");
  EXPECT_EQ(next_id(client), "3");
}

TEST_F(EdgeEvents, OfAFinalJobEndAfterTheReplay) {
  jobs_.add(kJob, JobState::failed);
  jobs_.announce(kJob, "queued");
  jobs_.announce(kJob, "failed");
  start();
  RawClient client(port());
  listen(client, events_url());
  EXPECT_EQ(next_id(client), "1");
  EXPECT_EQ(next_id(client), "2");
  EXPECT_EQ(next_id(client), "");
  // A browser that comes back must stop doing so.
  EXPECT_EQ(ask_once(port(), "GET", events_url(), "Last-Event-ID: 2\r\n").status, 204);
}

// A job's record is seen a moment before the event of its change.
TEST_F(EdgeEvents, OfAJobThatIsFinalWaitForTheLastOne) {
  jobs_.add(kJob);
  jobs_.announce(kJob, "started");
  jobs_.complete_hidden(kJob);
  start();
  RawClient whole(port()), last(port());
  listen(whole, events_url());
  EXPECT_EQ(next_id(whole), "1");
  listen(last, events_url(), "Last-Event-ID: 1\r\n");
  jobs_.show_hidden();
  for (RawClient* client : {&whole, &last}) {
    EXPECT_EQ(next_id(*client), "2");
    EXPECT_TRUE(client->closed_by_server());
  }
}

TEST_F(EdgeEvents, OfARetriedJobGoOnPastItsFailure) {
  jobs_.add(kJob, JobState::queued);
  jobs_.announce(kJob, "failed");
  jobs_.announce(kJob, "queued");
  start();
  RawClient client(port());
  listen(client, events_url());
  EXPECT_EQ(next_id(client), "1");
  EXPECT_EQ(next_id(client), "2");
  jobs_.announce(kJob, "started");
  EXPECT_EQ(next_id(client), "3");
}

TEST_F(EdgeEvents, BadNumbersAndUnknownJobsAreRefused) {
  jobs_.add(kJob);
  start();
  for (const char* after : {"x", "-1", "1x", "99999999999999999999999"})
    EXPECT_EQ(ask_once(port(), "GET", events_url() + "?after=" + after).status, 400) << after;
  EXPECT_EQ(ask_once(port(), "GET", events_url(), "Last-Event-ID: x\r\n").status, 400);
  EXPECT_EQ(ask_once(port(), "GET", events_url() + "?since=1").status, 400);
  EXPECT_EQ(ask_once(port(), "GET", "/v1/jobs/nobody/events").status, 404);
  EXPECT_EQ(ask_once(port(), "POST", events_url()).status, 405);
  RawClient head(port());
  head.send("HEAD " + events_url() + " HTTP/1.1\r\nHost: t\r\n\r\n");
  const Answer only_head = head.read_answer(true);
  EXPECT_EQ(only_head.header("content-type"), "text/event-stream");
  EXPECT_FALSE(only_head.headers.contains("content-length")) << "a stream has none";
}

TEST_F(EdgeEvents, QuietStreamsAreKeptAlive) {
  limits_.heartbeat = std::chrono::milliseconds(50);
  jobs_.add(kJob);
  start();
  RawClient client(port());
  listen(client, events_url());
  EXPECT_EQ(client.read_until("\n\n"), ": still here\n\n");
  EXPECT_EQ(client.read_until("\n\n"), ": still here\n\n");
  jobs_.announce(kJob, "segment");
  EXPECT_EQ(next_id(client), "1");
}

TEST_F(EdgeEvents, WhoDoesNotReadIsDroppedAlone) {
  limits_.event_send_buffer_bytes = 4096;
  limits_.heartbeat = std::chrono::milliseconds(50);
  jobs_.add(kJob);
  start();
  RawClient slow(port(), 4096), good(port());
  listen(slow, "/v1/events");
  listen(good, "/v1/events");
  // While it still reads the store a stream has the time of a write; from its first heartbeat on it is live.
  EXPECT_EQ(slow.read_until("\n\n"), ": still here\n\n");
  const std::string large = "{\"text\":\"" + std::string(4000, 'x') + "\"}";
  for (int i = 1; i <= 1000; ++i) {
    jobs_.announce(kJob, "progress", large);
    ASSERT_EQ(next_id(good), std::to_string(i));
  }
  // What was in the buffers comes, and then the end: far from everything.
  int received = 0;
  while (received < 1000 && !slow.read_until("\n\n").empty()) ++received;
  EXPECT_LT(received, 1000);
  jobs_.announce(kJob, "progress");
  EXPECT_EQ(next_id(good), "1001");
}

TEST_F(EdgeEvents, ListenersThatLeaveAreForgotten) {
  jobs_.add(kJob);
  limits_.connections = 4;
  start();
  for (int i = 0; i < 20; ++i) {
    // Each takes one of four places; were they not given back, the fifth would be refused.
    std::unique_ptr<RawClient> client;
    for (;;) {
      client = std::make_unique<RawClient>(port());
      client->send("GET " + events_url() + " HTTP/1.1\r\nHost: t\r\n\r\n");
      if (client->read_until("\r\n\r\n").starts_with("HTTP/1.1 200")) break;
    }
    if (i % 2 == 0) client->reset();
  }
  for (int i = 0; i < 100; ++i) jobs_.announce(kJob, "progress");
}

}  // namespace
}  // namespace millrace::test
