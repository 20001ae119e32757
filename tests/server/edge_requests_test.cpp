// How the edge reads requests: strictly, one reading of every length, with limits and deadlines.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/server/running_server.h"

namespace millrace::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using namespace std::string_view_literals;

constexpr char kHealth[] = "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n";

class EdgeRequests : public RunningServer {
 protected:
  // Sends the bytes on a new connection; the answer must be this status, and the server must close after it.
  void expect_refused(const std::string& bytes, int status) {
    RawClient client(port());
    client.send(bytes);
    EXPECT_EQ(client.read_answer().status, status) << bytes.substr(0, 300);
    EXPECT_TRUE(client.closed_by_server()) << bytes.substr(0, 300);
  }
  int answer_to(const std::string& bytes) {
    RawClient client(port());
    client.send(bytes);
    return client.read_answer().status;
  }
  // A connection that was answered once: the time for its next head begins with the first byte, where that of
  // a new connection's runs from the connect on.
  RawClient kept() {
    for (;;) {
      RawClient client(port());
      if (client.ask("GET", "/healthz").status == 200)
        return client;  // else it was closed: it asked too late
    }
  }
};

TEST_F(EdgeRequests, ConnectionIsKept) {
  start();
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    const Answer answer = client.ask("GET", "/healthz");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("connection"), "keep-alive");
  }
  EXPECT_EQ(client.ask("GET", "/healthz", "Connection: close\r\n").header("connection"), "close");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(EdgeRequests, OldClientsAreServedAndClosed) {
  start();
  RawClient client(port());
  client.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 200);
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(EdgeRequests, PipelinedRequestsAreAnsweredInOrder) {
  start();
  jobs_.add("one");
  RawClient client(port());
  client.send(std::string("GET /v1/jobs/one HTTP/1.1\r\nHost: t\r\n\r\n") +
              "POST /v1/jobs HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n{}" + kHealth +
              "HEAD /v1/jobs/one HTTP/1.1\r\nHost: t\r\n\r\n" + kHealth);
  EXPECT_THAT(client.read_answer().body, HasSubstr("\"one\""));
  EXPECT_EQ(client.read_answer().status, 201);
  EXPECT_THAT(client.read_answer().body, HasSubstr("\"ok\""));
  EXPECT_EQ(client.read_answer(true).status, 200);
  EXPECT_THAT(client.read_answer().body, HasSubstr("\"ok\""));
}

TEST_F(EdgeRequests, RequestInPiecesIsOneRequest) {
  start();
  RawClient client(port());
  for (const char byte : std::string("POST /v1/jobs HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n{}"))
    client.send(std::string(1, byte));
  EXPECT_EQ(client.read_answer().status, 201);
}

TEST_F(EdgeRequests, HeadIsGetWithoutTheBody) {
  start();
  jobs_.add(kJob);
  RawClient client(port());
  for (const std::string path :
       {"/", "/healthz", "/v1/openapi.json", "/v1/jobs", "/v1/hardware", "/metrics"}) {
    const Answer get = client.ask("GET", path), head = client.ask("HEAD", path);
    EXPECT_EQ(head.status, get.status) << path;
    EXPECT_EQ(head.header("content-length"), std::to_string(get.body.size())) << path;
    EXPECT_EQ(head.header("content-type"), get.header("content-type")) << path;
  }
  EXPECT_EQ(client.ask("HEAD", "/nowhere").status, 404);
  EXPECT_EQ(client.ask("GET", "/healthz").status, 200);
}

TEST_F(EdgeRequests, ChunkedBodiesArriveWhole) {
  start();
  RawClient client(port());
  client.send(
      "POST /v1/jobs HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 201);
  EXPECT_EQ(jobs_.last_spec(), "{\"a\":1}");
}

TEST_F(EdgeRequests, ExpectationIsMetBeforeTheBody) {
  start();
  RawClient client(port());
  client.send("POST /v1/jobs HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 100);
  client.send("{}");
  EXPECT_EQ(client.read_answer().status, 201);
  expect_refused("POST /v1/jobs HTTP/1.1\r\nHost: t\r\nExpect: miracles\r\nContent-Length: 2\r\n\r\n", 417);
  // Refused before the body was asked for.
  expect_refused(
      "POST /v1/jobs HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n", 413);
  expect_refused(
      "POST /v1/jobs HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Type: a/b\r\nContent-Length: "
      "2\r\n\r\n",
      415);
}

TEST_F(EdgeRequests, LengthsThatCanBeReadTwoWaysAreRefused) {
  start();
  const std::string post = "POST /v1/jobs HTTP/1.1\r\nHost: t\r\n";
  for (const char* headers :
       {"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2\r\nContent-Length: 2\r\n", "Content-Length: 2, 2\r\n", "Content-Length: -2\r\n",
        "Content-Length: +2\r\n", "Content-Length: 0x2\r\n", "Content-Length: 2a\r\n", "Content-Length: \r\n",
        "Content-Length: 99999999999999999999999\r\n", "Content-Length : 2\r\n",
        "Transfer-Encoding : chunked\r\n", " Content-Length: 2\r\n",
        "X: a\r\n Content-Length: 2\r\nContent-Length: 2\r\nContent-Length: 9\r\n"})
    expect_refused(post + headers + "\r\n{}", 400);
  for (const char* headers : {"Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: identity\r\n",
                              "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunked, chunked\r\n",
                              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"}) {
    RawClient client(port());
    client.send(post + headers + "\r\n0\r\n\r\n");
    EXPECT_THAT(client.read_answer().status, testing::AnyOf(400, 501)) << headers;
    EXPECT_TRUE(client.closed_by_server());
  }
  expect_refused("POST /v1/jobs HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
  EXPECT_EQ(jobs_.submits(), 0);
}

TEST_F(EdgeRequests, WhatFollowsARefusalIsNoRequest) {
  start();
  RawClient client(port());
  client.send("POST /v1/jobs HTTP/1.1\r\nHost: t\r\nContent-Length: 5000000\r\n\r\n" + std::string(kHealth));
  EXPECT_EQ(client.read_answer().status, 413);
  EXPECT_EQ(client.read_until("\r\n\r\n"), "");
}

TEST_F(EdgeRequests, BytesThatAreNoRequestAreRefused) {
  start();
  expect_refused("GARBAGE\r\n\r\n", 400);
  expect_refused("GET  /healthz HTTP/1.1\r\nHost: t\r\n\r\n", 400);
  expect_refused("GET /healthz HTTP/2.0\r\nHost: t\r\n\r\n", 505);
  expect_refused("GET /healthz\r\nHost: t\r\n\r\n", 400);
  expect_refused("GET /healthz HTTP/1.1\r\nHost: t\r\nBad Header: x\r\n\r\n", 400);
  expect_refused(std::string("GET /healthz HTTP/1.1\r\nHost: t\r\nX: a\0b\r\n\r\n"sv), 400);
  expect_refused("GET /healthz HTTP/1.1\r\n\r\n", 400);
  expect_refused("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
  expect_refused("BREW /healthz HTTP/1.1\r\nHost: t\r\n\r\n", 501);
  expect_refused("TRACE /healthz HTTP/1.1\r\nHost: t\r\n\r\n", 501);
  expect_refused("GET /v1/../etc HTTP/1.1\r\nHost: t\r\n\r\n", 400);
  expect_refused("GET /v1/%00 HTTP/1.1\r\nHost: t\r\n\r\n", 400);
  EXPECT_EQ(ask_once(port(), "GET", "/healthz").status, 200);
}

TEST_F(EdgeRequests, HeadsAndBodiesHaveLimits) {
  start();
  expect_refused("GET /healthz HTTP/1.1\r\nHost: t\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n", 431);
  expect_refused("GET /" + std::string(20'000, 'x'), 431);
  std::string many = "GET /healthz HTTP/1.1\r\nHost: t\r\n";
  for (int i = 0; i < 2000; ++i) many += fmt::format("X-{}: y\r\n", i);
  expect_refused(many + "\r\n", 431);
  EXPECT_EQ(ask_once(port(), "GET", "/healthz", "X: " + std::string(15'000, 'x') + "\r\n").status, 200);

  std::string largest = "\"" + std::string((1 << 20) - 2, 'a') + "\"";
  EXPECT_EQ(ask_once(port(), "POST", "/v1/jobs", "", largest).status, 201);
  EXPECT_EQ(jobs_.last_spec().size(), largest.size());
  expect_refused(
      fmt::format("POST /v1/jobs HTTP/1.1\r\nHost: t\r\nContent-Length: {}\r\n\r\n", (1 << 20) + 1), 413);
  std::string chunks = "POST /v1/jobs HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) chunks += "10000\r\n" + std::string(65536, 'a') + "\r\n";
  expect_refused(chunks, 413);
}

TEST_F(EdgeRequests, ClientsCannotSpeakForTheEdge) {
  start();
  // Were these let through, the api would see two secrets, or another exchange.
  const Answer answer =
      ask_once(port(), "GET", "/v1/jobs",
               "X-Millrace-Secret: x\r\nX-Millrace-Exchange: 7\r\nCookie: ;;;\r\nDate: never\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("x-millrace-exchange"), "");
}

TEST_F(EdgeRequests, PagesOfOtherSitesChangeNothing) {
  start();
  for (const char* origin : {"http://evil.example", "null", "http://test.evil.example", "https://test:444"}) {
    const std::string header = std::string("Origin: ") + origin + "\r\n";
    EXPECT_EQ(ask_once(port(), "POST", "/v1/jobs", header, "{}").status, 403) << origin;
    EXPECT_EQ(ask_once(port(), "DELETE", "/v1/jobs/x", header).status, 403) << origin;
    EXPECT_EQ(ask_once(port(), "GET", "/v1/jobs", header).status, 200) << origin;
  }
  EXPECT_EQ(jobs_.submits(), 0);
  EXPECT_EQ(ask_once(port(), "POST", "/v1/jobs", "Origin: http://TEST\r\n", "{}").status, 201);
}

TEST_F(EdgeRequests, PathsAreExact) {
  start();
  jobs_.add(kJob);
  const std::string job = std::string("/v1/jobs/") + kJob;
  for (const std::string& path :
       {std::string("/v1"), std::string("/v1/"), std::string("/v1/jobs/"), job + "/", job + "/files",
        job + "/files/", job + "/nothing", std::string("/V1/jobs"), std::string("/v1/uploads"),
        std::string("/index.html")})
    EXPECT_EQ(ask_once(port(), "GET", path).status, 404) << path;
  EXPECT_EQ(ask_once(port(), "GET", "/v1/%6Aobs").status, 200);
  EXPECT_EQ(ask_once(port(), "GET", "http://test/v1/jobs").status, 200);
  const Answer wrong = ask_once(port(), "PUT", "/v1/jobs", "", "{}");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("allow"), "GET, HEAD, POST");
  EXPECT_EQ(ask_once(port(), "DELETE", "/healthz").header("allow"), "GET, HEAD");
}

// A site whose name was made to mean 127.0.0.1 is same-origin to the browser; its Host gives it away.
TEST_F(EdgeRequests, WithoutTokensOtherNamesForThisMachineAreRefused) {
  local_names_only_ = true;
  start();
  for (const std::string host :
       {"localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:80", "[::1]:8080", "[::1]"})
    EXPECT_EQ(answer_to("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n"), 200) << host;
  for (const std::string host :
       {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", "["})
    expect_refused("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n", 403);
}

TEST_F(EdgeRequests, SlowHeadsAreToldAndCutOff) {
  limits_.header = milliseconds(200);
  start();
  RawClient client = kept();
  client.send("GET /healthz HTTP/1.1\r\nHost: t\r\nX: ");
  EXPECT_EQ(client.read_answer().status, 408);
  EXPECT_TRUE(client.closed_by_server());
  RawClient silent(port());
  EXPECT_TRUE(silent.closed_by_server());
}

TEST_F(EdgeRequests, BytesThatTrickleDoNotMoveTheDeadline) {
  limits_.header = milliseconds(300);
  start();
  RawClient client = kept();
  client.send("GET /healthz HTTP/1.1\r\nHost: t\r\nX: ");
  // A byte every 5 ms, each well before the deadline. Only the server can end this.
  while (!client.readable(5)) client.send("x");
  EXPECT_EQ(client.read_answer().status, 408);
}

TEST_F(EdgeRequests, SlowBodiesAreToldAndCutOff) {
  limits_.body = milliseconds(200);
  start();
  RawClient client(port());
  client.send("POST /v1/jobs HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\n{");
  EXPECT_EQ(client.read_answer().status, 408);
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(jobs_.submits(), 0);
}

TEST_F(EdgeRequests, IdleConnectionsAreClosedWithoutAWord) {
  limits_.idle = milliseconds(100);
  start();
  RawClient client(port());
  EXPECT_EQ(client.ask("GET", "/healthz").status, 200);
  EXPECT_EQ(client.read_until("\r\n"), "");
}

TEST_F(EdgeRequests, ClientsBeyondTheLimitAreToldSo) {
  limits_.connections = 2;
  limits_.linger = milliseconds(100);
  start();
  RawClient first(port()), second(port());
  EXPECT_EQ(first.ask("GET", "/healthz").status, 200);
  EXPECT_EQ(second.ask("GET", "/healthz").status, 200);
  RawClient third(port());
  const Answer answer = third.ask("GET", "/healthz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_FALSE(answer.header("retry-after").empty());
  EXPECT_TRUE(third.closed_by_server());
  EXPECT_EQ(first.ask("GET", "/healthz").status, 200);
  second.ask("GET", "/healthz", "Connection: close\r\n");
  EXPECT_TRUE(second.closed_by_server());
}

TEST_F(EdgeRequests, ClientsThatVanishLeaveTheServerStanding) {
  start();
  for (int i = 0; i < 20; ++i) {
    RawClient client(port());
    client.send(i % 2 == 0 ? "GET /v1/jobs HTTP/1.1\r\nHost: t\r\n\r\n"
                           : "POST /v1/jobs HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\n{");
    client.reset();
  }
  EXPECT_EQ(ask_once(port(), "GET", "/healthz").status, 200);
}

}  // namespace
}  // namespace millrace::test
