// ApiClient hands requests to the api over kept connections to its loopback ports. Safe to call from any
// strand.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/edge/edge_config.h"
#include "server/http/message.h"

namespace millrace::server {

struct ApiQuestion {
  std::string method;
  std::string target;  // written by to_string(Target): nothing of the client's own spelling goes through
  std::string idempotency_key;
  std::string body;
};

class ApiClient {
 public:
  enum class Lane { quick, patient };

  ApiClient(boost::asio::io_context& context, const EdgeServices& services, const EdgeLimits& limits);

  // The api's answer, or 500, 503, 504 when it gives none. Runs on the caller's strand.
  boost::asio::awaitable<Reply> ask(ApiQuestion question, Lane lane);

 private:
  using Socket = boost::asio::ip::tcp::socket;
  struct Pool {
    std::uint16_t port = 0;
    std::chrono::milliseconds deadline{0};
    std::mutex mutex;
    std::vector<std::unique_ptr<Socket>> idle;
  };

  // An idle connection that the api has not closed, the one used last; nothing when there is none.
  static std::unique_ptr<Socket> take(Pool& pool);
  static void give_back(Pool& pool, std::unique_ptr<Socket> socket);

  boost::asio::io_context& context_;
  const std::string secret_;
  std::array<Pool, 2> pools_;
  std::atomic<std::uint64_t> exchanges_{0};
};

}  // namespace millrace::server
