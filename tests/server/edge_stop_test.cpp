// How a server stops: what was asked is answered, what waits is let go.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <thread>

#include "tests/server/running_server.h"

namespace millrace::test {
namespace {

class EdgeStop : public RunningServer {
 protected:
  // Stops on a thread of its own, and returns when the port takes nobody any more or closes who was taken at
  // once.
  std::thread begin_to_stop() {
    const std::uint16_t port_before = port();
    std::thread stopping([this] { server_->stop(); });
    while (answers(port_before)) {
    }
    return stopping;
  }

 private:
  // Whether a new connection is still answered.
  static bool answers(std::uint16_t port) {
    const engine::UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return false;
    constexpr std::string_view kRequest = "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n";
    char byte = 0;
    return ::send(socket.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) > 0 &&
           ::recv(socket.get(), &byte, 1, 0) == 1;
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
  start();
  const std::uint16_t port_before = port();
  server::EdgeConfig same;
  same.port = port_before;
  const auto taken = server::HttpServer::open(same, jobs_, nullptr);
  ASSERT_FALSE(taken.ok());
  EXPECT_THAT(taken.status().message(), testing::HasSubstr(std::to_string(port_before)));
  EXPECT_THAT(taken.status().message(), testing::HasSubstr("--listen"));
  server_.reset();
  EXPECT_TRUE(server::HttpServer::open(same, jobs_, nullptr).ok());
}

}  // namespace
}  // namespace millrace::test
