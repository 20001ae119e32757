#include "bench/http_client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/held_port.h"
#include "engine/base/unique_fd.h"

namespace millrace::bench {
namespace {

using ::testing::HasSubstr;

// Answers on one connection, an answer for each request in turn, and keeps what was asked.
class OneConnectionServer {
 public:
  explicit OneConnectionServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = engine::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    EXPECT_EQ(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~OneConnectionServer() {
    if (thread_.joinable()) thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // What was asked, once all answers are given.
  const std::vector<std::string>& requests() {
    thread_.join();
    return requests_;
  }

 private:
  void serve() {
    const engine::UniqueFd connection(::accept(listener_.get(), nullptr, nullptr));
    for (const std::string& answer : answers_) {
      std::string request;
      char letter = 0;
      std::size_t body = 0;
      while (!request.ends_with("\r\n\r\n") && ::recv(connection.get(), &letter, 1, 0) == 1)
        request += letter;
      if (const std::size_t at = request.find("Content-Length: "); at != std::string::npos)
        body = static_cast<std::size_t>(std::atoi(request.c_str() + at + 16));
      while (body-- > 0 && ::recv(connection.get(), &letter, 1, 0) == 1) request += letter;
      requests_.push_back(request);
      EXPECT_EQ(::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(answer.size()));
    }
  }

  std::vector<std::string> answers_;
  std::vector<std::string> requests_;
  engine::UniqueFd listener_;
  int port_ = 0;
  std::thread thread_;
};

TEST(HttpClient, KeepsItsConnectionAndSendsJson) {
  OneConnectionServer server({"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
                              "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"});
  const std::unique_ptr<Http> http = make_http_client(server.url());
  const auto created = http->post("/v1/jobs", "{\"a\": 1}");
  ASSERT_TRUE(created.ok()) << created.status().message();
  EXPECT_EQ(created->status, 201);
  EXPECT_EQ(created->body, "{}");
  const auto absent = http->get("/v1/jobs/x");
  ASSERT_TRUE(absent.ok()) << absent.status().message();
  EXPECT_EQ(absent->status, 404);
  EXPECT_EQ(absent->body, "gone");
  const std::vector<std::string>& requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_THAT(requests[0], HasSubstr("POST /v1/jobs HTTP/1.1\r\n"));
  EXPECT_THAT(requests[0], HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(requests[0], HasSubstr("\r\n\r\n{\"a\": 1}"));
  EXPECT_THAT(requests[1], HasSubstr("GET /v1/jobs/x HTTP/1.1\r\n"));
  EXPECT_THAT(requests[1], Not(HasSubstr("Content-Type")));
}

TEST(HttpClient, AKeyGoesWithOneSubmissionAlone) {
  OneConnectionServer server({"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
                              "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"});
  const std::unique_ptr<Http> http = make_http_client(server.url());
  ASSERT_TRUE(http->post_once("/v1/jobs", "{}", "k-1").ok());
  ASSERT_TRUE(http->post("/v1/jobs", "{}").ok());
  const std::vector<std::string>& requests = server.requests();
  EXPECT_THAT(requests[0], HasSubstr("Idempotency-Key: k-1\r\n"));
  EXPECT_THAT(requests[0], HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(requests[1], Not(HasSubstr("Idempotency-Key")));
}

TEST(HttpClient, NobodyThereIsAFailure) {
  const engine::HeldPort port = engine::HeldPort::take().value();
  const auto answer = make_http_client("http://127.0.0.1:" + std::to_string(port.number()))->get("/readyz");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.status().code(), engine::Code::io_error);
  EXPECT_THAT(answer.status().message(), HasSubstr("/readyz: no answer"));
}

}  // namespace
}  // namespace millrace::bench
