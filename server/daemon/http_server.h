// HttpServer puts edge, api, events and tokens together over one job service. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/status.h"
#include "engine/schedule/job_service.h"
#include "engine/store/store.h"
#include "server/edge/edge_config.h"

namespace millrace::server {

class HttpServer {
 public:
  // Binds the port and starts the api; answers nothing before serve(). `tokens` keeps the digests of tokens;
  // null: no token is asked for, and the caller has made sure that only this machine can connect. Both must
  // outlive the server.
  static engine::Result<std::unique_ptr<HttpServer>> open(const EdgeConfig& config, engine::JobService& jobs,
                                                          engine::Store* tokens);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  std::string address() const;  // "127.0.0.1:8080"

  // The token made now, because there was none; to be shown once. Nothing when there are tokens, or none are
  // needed.
  const std::optional<std::string>& first_token() const;
  // To be called once it was shown: only then is it valid beyond this server.
  engine::Status keep_first_token();

  void serve();
  // Requests in flight get their answers, up to the grace time. Idempotent.
  void stop();

 private:
  struct Parts;
  explicit HttpServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace millrace::server
