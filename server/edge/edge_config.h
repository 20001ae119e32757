// What the edge is told at its start: where to listen, what it allows, whom it asks. Plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/schedule/job_service.h"
#include "server/events/event_hub.h"

namespace millrace::server {

struct EdgeLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 1024 * 1024;
  std::size_t connections = 1024;
  std::size_t event_queue_bytes = 256 * 1024;  // of one who listens to events and does not read
  int event_send_buffer_bytes = 64 * 1024;     // in the kernel, beside that queue

  // Deadlines for the whole of a thing, however steadily bytes trickle in.
  std::chrono::milliseconds header{
      10'000};  // from a request's first byte; a new connection has as long to begin one
  std::chrono::milliseconds body{30'000};
  std::chrono::milliseconds idle{60'000};  // between requests
  // Without progress: a client that reads slowly is served, one that does not read is not.
  std::chrono::milliseconds write{30'000};
  std::chrono::milliseconds quick_answer{30'000};     // of the api
  std::chrono::milliseconds patient_answer{120'000};  // where it looks at a source
  std::chrono::milliseconds heartbeat{15'000};        // comments on a quiet event stream
  std::chrono::milliseconds linger{1'000};  // reading on after a refusal, so that the client sees it
  std::chrono::milliseconds stop_grace{5'000};
};

struct EdgeConfig {
  std::string address = "127.0.0.1";  // numeric
  std::uint16_t port = 8080;          // 0: the system chooses
  int threads = 3;
  // Where no token is asked for: a page whose site's name was made to mean this machine is refused by its
  // Host.
  bool local_names_only = false;
  EdgeLimits limits;
};

// Whom the edge asks. All must outlive it.
struct EdgeServices {
  engine::JobService& jobs;
  EventHub& events;
  // Whether the value of an Authorization header (empty: none) opens the door. Called from several threads.
  std::function<bool(std::string_view authorization)> authorised;
  std::uint16_t quick_api_port = 0;  // for what answers at once
  std::uint16_t patient_api_port =
      0;  // for what looks at sources or hardware: it must not keep the others waiting
  std::string api_secret;
  bool local_names_only = false;  // as EdgeConfig's
};

}  // namespace millrace::server
