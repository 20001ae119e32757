// EdgeServer owns the public port: it takes connections and gives each a session. Safe to call from any
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/status.h"
#include "server/edge/edge_config.h"

namespace millrace::server {

class EdgeServer {
 public:
  // Binds the port; connections wait until serve(). Failure: one sentence with the address (taken, not ours,
  // no permission).
  static engine::Result<std::unique_ptr<EdgeServer>> open(const EdgeConfig& config,
                                                          const EdgeServices& services);
  ~EdgeServer();
  EdgeServer(const EdgeServer&) = delete;
  EdgeServer& operator=(const EdgeServer&) = delete;

  std::uint16_t port() const;
  // "127.0.0.1:8080", "[::1]:8080".
  std::string address() const;

  // Starts answering, on threads of its own.
  void serve();

  // Takes no more connections, ends event streams and idle connections, and waits for requests in flight up
  // to the grace time. Idempotent. Closes the event hub.
  void stop();

 private:
  struct Parts;
  explicit EdgeServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace millrace::server
