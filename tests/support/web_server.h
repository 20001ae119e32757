// WebServer: a web server on a loopback address for one test; what it answers, the test says. Answers one
// connection after the other on a thread of its own, and closes each.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace millrace::test {

struct WebRequest {
  std::string path;         // "/a.mp4"
  std::int64_t first = -1;  // of its Range header; -1: none
};

// The bytes that go out, head and body; then the connection is closed, or kept without a word until the
// client leaves.
struct WebAnswer {
  std::string bytes;
  bool hang = false;
};

class WebServer {
 public:
  using Answerer = std::function<WebAnswer(const WebRequest&)>;
  // `address`: any of 127.0.0.0/8. Throws std::runtime_error.
  explicit WebServer(Answerer answer, const std::string& address = "127.0.0.1");
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  // "http://127.0.0.1:43210/a.mp4"
  std::string url(const std::string& path) const;
  std::vector<WebRequest> requests() const;
  // Connections, with or without a request.
  int connections() const { return connections_; }

 private:
  void serve();
  void talk(int client);

  const Answerer answer_;
  const std::string address_;
  int listener_ = -1;
  int stop_ = -1;  // an eventfd
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<WebRequest> requests_;
  std::thread thread_;
};

// "HTTP/1.1 STATUS\r\nHEADERS\r\n\r\nBODY"; `headers` end with \r\n each.
WebAnswer answer(const std::string& status, const std::string& headers, const std::string& body);
// A file as servers send it: in ranges (206) or whole.
WebAnswer file_answer(const WebRequest& request, const std::string& body, bool ranges = true);
WebAnswer redirect_to(const std::string& url);

}  // namespace millrace::test
