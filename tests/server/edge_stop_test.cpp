// How a server stops: what was asked is answered, what waits is let go.
#include <gmock/gmock.h>

#include <thread>

#include "engine/base/held_port.h"
#include "tests/server/running_server.h"

namespace millrace::test {
namespace {

class EdgeStop : public RunningServer {
 protected:
  // Stops on a thread of its own, and returns when the stop has begun: it has closed an idle connection.
  std::thread begin_to_stop() {
    RawClient idle(port());
    EXPECT_EQ(idle.ask("GET", "/healthz").status, 200);
    std::thread stopping([this] { server_->stop(); });
    EXPECT_TRUE(idle.closed_by_server());
    return stopping;
  }
};

TEST_F(EdgeStop, EndsIdleConnectionsAndStreams) {
  jobs_.add(kJob);
  start();
  RawClient idle(port()), silent(port()), events(port());
  EXPECT_EQ(idle.ask("GET", "/healthz").status, 200);
  events.send(std::string("GET /v1/jobs/") + kJob + "/events HTTP/1.1\r\nHost: t\r\n\r\n");
  events.read_until(": events follow\n\n");
  server_->stop();
  EXPECT_TRUE(idle.closed_by_server());
  EXPECT_TRUE(silent.closed_by_server());
  EXPECT_TRUE(events.closed_by_server());
  jobs_.announce(kJob, "segment");
  server_->stop();
  server_.reset();
  EXPECT_EQ(jobs_.listeners(), 0);
}

TEST_F(EdgeStop, AnswersWhatIsInFlight) {
  limits_.stop_grace = std::chrono::hours(1);
  start();
  jobs_.hold_inspect();
  RawClient client(port());
  client.send("POST /v1/inspect HTTP/1.1\r\nHost: t\r\nContent-Length: 11\r\n\r\n{\"url\":\"a\"}");
  jobs_.wait_until_inspecting(1);
  std::thread stopping = begin_to_stop();
  jobs_.release_inspect();
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("connection"), "close");
  stopping.join();
}

TEST_F(EdgeStop, BeginsNoStreamAnyMore) {
  jobs_.add(kJob);
  limits_.stop_grace = limits_.heartbeat = std::chrono::hours(1);
  start();
  RawClient client(port());
  client.send(std::string("GET /v1/jobs/") + kJob +
              "/events HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  ASSERT_EQ(client.read_answer().status, 100);
  std::thread stopping = begin_to_stop();
  client.send("{}");
  EXPECT_TRUE(client.closed_by_server());
  client.reset();
  stopping.join();
}

TEST_F(EdgeStop, CutsOffWhatTakesTooLong) {
  limits_.stop_grace = std::chrono::milliseconds(100);
  start();
  jobs_.hold_inspect();
  RawClient client(port());
  client.send("POST /v1/inspect HTTP/1.1\r\nHost: t\r\nContent-Length: 11\r\n\r\n{\"url\":\"a\"}");
  jobs_.wait_until_inspecting(1);
  server_->stop();
  jobs_.release_inspect();
  server_.reset();
  EXPECT_EQ(client.read_answer().status, 0);
}

TEST_F(EdgeStop, GivesThePortBack) {
  const engine::HeldPort port = engine::HeldPort::take().value();
  server::EdgeConfig same;
  same.port = port.number();
  auto first = server::HttpServer::open(same, jobs_, nullptr);
  ASSERT_TRUE(first.ok()) << to_string(first.status());
  (*first)->serve();
  const auto taken = server::HttpServer::open(same, jobs_, nullptr);
  ASSERT_FALSE(taken.ok());
  EXPECT_THAT(taken.status().message(), testing::HasSubstr(std::to_string(port.number())));
  EXPECT_THAT(taken.status().message(), testing::HasSubstr("--listen"));
  first->reset();
  EXPECT_TRUE(server::HttpServer::open(same, jobs_, nullptr).ok());
}

}  // namespace
}  // namespace millrace::test
