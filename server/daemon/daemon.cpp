#include "server/daemon/daemon.h"

#include <fmt/format.h>
#include <malloc.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>

#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/pipeline/address_rules.h"
#include "engine/schedule/daemon_engine.h"
#include "server/daemon/http_server.h"
#include "server/daemon/listen_address.h"

namespace millrace::server {

using engine::Status;

namespace {

constexpr int kHeaps = 2;

int complain(const Status& status, int code) {
  fmt::print(stderr, "millrace serve: {}\n", status.message());
  return code;
}

}  // namespace

int run_daemon(const DaemonOptions& options) {
  // One heap a thread is for programs that allocate all the time; here each only keeps its holes.
  mallopt(M_ARENA_MAX, kHeaps);
  const auto listen = parse_listen_address(options.listen);
  if (!listen.ok()) return complain(listen.status(), 2);
  if (options.no_auth && !listen->is_loopback)
    return complain(
        Status(engine::Code::invalid_argument,
               fmt::format("--no-auth is for loopback addresses only: {} can be reached from other machines; "
                           "leave out --no-auth or listen on 127.0.0.1",
                           options.listen)),
        2);
  if (const auto rules = engine::AddressRules::of(options.allowed_sources); !rules.ok())
    return complain(rules.status().under("--allow-source"), 2);
  // From here on, so that a signal during the start is not lost.
  boost::asio::io_context context(1);
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);

  if (const Status s = engine::make_directories(options.data); !s.ok()) return complain(s, 1);
  engine::DaemonEngineConfig config;
  config.data = options.data;
  config.media_roots = options.media_roots;
  config.allowed_sources = options.allowed_sources;
  config.program = options.program;
  config.max_running_jobs = options.max_running_jobs;
  config.cores = options.cores;
  if (options.keep_free_megabytes >= 0) config.keep_free_bytes = options.keep_free_megabytes * 1'000'000;
  config.patience = std::chrono::seconds(options.patience);
  config.calibrate_after = std::chrono::seconds(options.calibrate_after);
  const auto engine = engine::DaemonEngine::start(config);
  if (!engine.ok()) return complain(engine.status(), 1);

  EdgeConfig edge;
  edge.address = listen->host;
  edge.port = listen->port;
  const auto server =
      HttpServer::open(edge, (*engine)->jobs(), options.no_auth ? nullptr : &(*engine)->store());
  if (!server.ok()) return complain(server.status(), 1);
  (*server)->serve();
  fmt::print("listening on http://{}\n", (*server)->address());
  if (const auto& token = (*server)->first_token()) fmt::print("token: {}  (shown this once)\n", *token);
  std::fflush(stdout);

  signals.async_wait([&](const boost::system::error_code&, int number) {
    spdlog::info("stopping on signal {}", number);
    signals.clear();  // the next one ends the process
  });
  context.run();
  (*server)->stop();
  return 0;
}

}  // namespace millrace::server
