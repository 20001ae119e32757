#include "tests/server/raw_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

namespace millrace::test {
namespace {

constexpr int kPatienceMilliseconds = 20'000;

}  // namespace

RawClient::RawClient(std::uint16_t port, int receive_buffer) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  if (receive_buffer > 0)
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int one = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    ADD_FAILURE() << "cannot connect to port " << port;
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd wait{socket_.get(), POLLOUT, 0};
    if (::poll(&wait, 1, kPatienceMilliseconds) <= 0) {
      ADD_FAILURE() << "the server does not read";
      return false;
    }
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::fill() {
  pollfd wait{socket_.get(), POLLIN, 0};
  if (::poll(&wait, 1, kPatienceMilliseconds) <= 0) {
    ADD_FAILURE() << "the server sends nothing; so far: " << buffer_.substr(0, 500);
    return false;
  }
  char bytes[65536];
  const ssize_t got = ::recv(socket_.get(), bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

bool RawClient::readable(int milliseconds) {
  pollfd wait{socket_.get(), POLLIN, 0};
  return !buffer_.empty() || ::poll(&wait, 1, milliseconds) > 0;
}

std::string RawClient::read_until(std::string_view mark) {
  std::size_t at = 0;
  while ((at = buffer_.find(mark)) == std::string::npos)
    if (!fill()) return std::exchange(buffer_, {});
  std::string text = buffer_.substr(0, at + mark.size());
  buffer_.erase(0, at + mark.size());
  return text;
}

Answer RawClient::read_answer(bool head_only) {
  Answer answer;
  const std::string head = read_until("\r\n\r\n");
  if (!head.ends_with("\r\n\r\n") || head.size() < 12) return answer;
  answer.status = std::stoi(head.substr(9, 3));
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size() - 2) {
    const std::size_t end = head.find("\r\n", at), colon = head.find(": ", at);
    std::string name = head.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return static_cast<char>(std::tolower(c)); });
    answer.headers[name] = head.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  answer.whole = true;
  if (head_only || answer.status == 204 || answer.status == 304 || answer.status < 200) return answer;
  const std::string length = answer.header("content-length");
  const std::size_t wanted = length.empty() ? std::string::npos : std::stoul(length);
  while (buffer_.size() < wanted && fill()) {
  }
  answer.body = buffer_.substr(0, wanted);
  answer.whole = length.empty() || answer.body.size() == wanted;
  buffer_.erase(0, answer.body.size());
  return answer;
}

bool RawClient::closed_by_server() {
  for (;;) {
    pollfd wait{socket_.get(), POLLIN, 0};
    if (::poll(&wait, 1, kPatienceMilliseconds) <= 0) return false;
    char bytes[65536];
    if (::recv(socket_.get(), bytes, sizeof bytes, 0) <= 0) return true;
  }
}

void RawClient::finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }

void RawClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.reset();
}

Answer RawClient::ask(std::string_view method, std::string_view target, std::string_view headers,
                      std::string_view body) {
  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: test\r\n{}", method, target, headers);
  if (!body.empty()) request += fmt::format("Content-Length: {}\r\n", body.size());
  request += "\r\n";
  request += body;
  send(request);
  return read_answer(method == "HEAD");
}

Answer ask_once(std::uint16_t port, std::string_view method, std::string_view target,
                std::string_view headers, std::string_view body) {
  return RawClient(port).ask(method, target, headers, body);
}

}  // namespace millrace::test
