#include "tests/support/web_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace millrace::test {
namespace {

// False when the test ends first.
bool wait_for(int fd, int stop, short events) {
  pollfd watched[] = {{fd, events, 0}, {stop, POLLIN, 0}};
  ::poll(watched, 2, -1);
  return watched[1].revents == 0;
}

WebRequest request_of(std::string_view head) {
  WebRequest request;
  const auto space = head.find(' ');
  request.path = head.substr(space + 1, head.find(' ', space + 1) - space - 1);
  constexpr std::string_view kRange = "Range: bytes=";
  if (const auto range = head.find(kRange); range != std::string_view::npos)
    request.first = std::strtoll(std::string(head.substr(range + kRange.size(), 20)).c_str(), nullptr, 10);
  return request;
}

}  // namespace

WebServer::WebServer(Answerer answer, const std::string& address)
    : answer_(std::move(answer)), address_(address) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  socklen_t size = sizeof place;
  auto* generic = reinterpret_cast<sockaddr*>(&place);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, generic, &size) != 0)
    throw std::runtime_error("no web server on " + address);
  port_ = ntohs(place.sin_port);
  thread_ = std::thread([this] { serve(); });
}

WebServer::~WebServer() {
  ::eventfd_write(stop_, 1);
  thread_.join();
  ::close(listener_);
  ::close(stop_);
}

std::string WebServer::url(const std::string& path) const {
  return "http://" + address_ + ":" + std::to_string(port_) + path;
}

std::vector<WebRequest> WebServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void WebServer::serve() {
  while (wait_for(listener_, stop_, POLLIN)) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    ++connections_;
    talk(client);
    ::close(client);
  }
}

void WebServer::talk(int client) {
  std::string head;
  char buffer[4096];
  while (head.find("\r\n\r\n") == std::string::npos) {
    if (!wait_for(client, stop_, POLLIN)) return;
    const ssize_t got = ::recv(client, buffer, sizeof buffer, 0);
    if (got <= 0) return;
    head.append(buffer, static_cast<std::size_t>(got));
  }
  const WebRequest request = request_of(head);
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  const WebAnswer answer = answer_(request);
  std::string_view left = answer.bytes;
  while (!left.empty()) {
    if (!wait_for(client, stop_, POLLOUT)) return;
    const ssize_t sent = ::send(client, left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  if (!answer.hang) ::shutdown(client, SHUT_WR);
  // Until the client leaves: what it has not read is not thrown away.
  while (wait_for(client, stop_, POLLIN) && ::recv(client, buffer, sizeof buffer, 0) > 0) {
  }
}

WebAnswer answer(const std::string& status, const std::string& headers, const std::string& body) {
  return {"HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers + "\r\n" + body};
}

WebAnswer file_answer(const WebRequest& request, const std::string& body, bool ranges) {
  const std::string whole = std::to_string(body.size());
  if (!ranges || request.first < 0) return answer("200 OK", "Content-Length: " + whole + "\r\n", body);
  const auto first = std::min(static_cast<std::size_t>(request.first), body.size());
  if (first == body.size())
    return answer("416 Range Not Satisfiable", "Content-Range: bytes */" + whole + "\r\n", "");
  return answer("206 Partial Content",
                "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(body.size() - 1) +
                    "/" + whole + "\r\nContent-Length: " + std::to_string(body.size() - first) + "\r\n",
                body.substr(first));
}

WebAnswer redirect_to(const std::string& url) {
  return answer("302 Found", "Location: " + url + "\r\nContent-Length: 0\r\n", "");
}

}  // namespace millrace::test
