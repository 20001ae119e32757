// ApiServer answers a route table through Pistache's router on a loopback port of its own. Only the edge may
// call it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/status.h"
#include "server/api/routes.h"

namespace millrace::server {

struct ApiConfig {
  std::string secret;                                 // what kSecretHeader must carry
  int threads = 4;                                    // handlers block them
  std::size_t max_request_bytes = (1 << 20) + 65536;  // head and body
};

class ApiServer {
 public:
  // Listens on 127.0.0.1, on a port that the system chooses.
  static engine::Result<std::unique_ptr<ApiServer>> start(const Routes& routes, const ApiConfig& config);
  // Waits for running handlers; their answers are lost, so stop the edge first.
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  std::uint16_t port() const;

 private:
  struct Parts;
  explicit ApiServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace millrace::server
