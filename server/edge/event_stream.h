// EventStream sends one client the events that it missed, from the store, and then those that come, from the
// hub. Belongs to the connection's strand.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/status.h"
#include "server/edge/connection.h"
#include "server/edge/edge_config.h"
#include "server/events/event_hub.h"

namespace millrace::server {

class EventStream {
 public:
  // `job_id` empty: all jobs. Events with numbers up to `after` were seen.
  EventStream(Connection& connection, const EdgeServices& services, const EdgeLimits& limits,
              std::string job_id, std::uint64_t after);

  // Until the client goes, reads too slowly, the job has had its final event, or stop(). Writes head and
  // body; the connection is of no further use.
  boost::asio::awaitable<void> run();

  // From the strand.
  void stop();

 private:
  struct Signal;
  bool has_no_more();
  boost::asio::awaitable<bool> catch_up();
  boost::asio::awaitable<bool> go_live();
  void watch_for_goodbye();

  Connection& connection_;
  const EdgeServices& services_;
  const EdgeLimits& limits_;
  const std::string job_id_;
  std::uint64_t seen_;
  std::shared_ptr<Signal> signal_;
  std::shared_ptr<EventQueue> queue_;
};

// The head of every stream's answer: without a length, and the last on its connection.
std::string event_stream_head();

// Whether a job's stream, asked for with `after`, has nothing to tell any more: the job is final and no event
// of it is newer than `after`. Browsers come back for ever to a stream that just ends; a 204 makes them stop.
engine::Result<bool> nothing_left(engine::JobService& jobs, const std::string& job_id, std::uint64_t after);

}  // namespace millrace::server
