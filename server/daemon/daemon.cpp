#include "server/daemon/daemon.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
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
constexpr std::size_t kKeptDescriptors = 512;  // for the store, jobs and workers
constexpr std::size_t kFewestConnections = 16;

int complain(const Status& status, int code) {
  fmt::print(stderr, "millrace serve: {}\n", status.message());
  return code;
}

// As high as the system lets it be: Debian gives a shell 1024, and connections must not take those that a job
// needs.
std::size_t raised_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(limit.rlim_cur);
}

// A request may hold three: its client's and both ends of a connection to the api.
std::size_t connections_for(std::size_t descriptors) {
  return std::max(kFewestConnections, (descriptors - std::min(descriptors, kKeptDescriptors)) / 3);
}

// The address, and the first token where one was made.
Status say_where(HttpServer& server) {
  fmt::print("listening on http://{}\n", server.address());
  const auto& token = server.first_token();
  if (token) fmt::print("token: {}  (shown this once)\n", *token);
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
    return token ? server.keep_first_token() : Status();
  if (!token) return {};
  return Status(
      engine::Code::io_error,
      "standard output cannot be written, so nobody has seen the token that the first start makes; start "
      "it again with standard output open");
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
  for (const auto& root : options.media_roots)
    if (std::error_code error; !std::filesystem::is_directory(root, error))
      return complain(
          Status(engine::Code::invalid_argument,
                 fmt::format("--media-root {}: no such folder; make it or correct the flag", root.string())),
          2);
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
  edge.local_names_only = options.no_auth;
  edge.limits.connections = std::min(edge.limits.connections, connections_for(raised_descriptor_limit()));
  const auto server =
      HttpServer::open(edge, (*engine)->jobs(), options.no_auth ? nullptr : &(*engine)->store());
  if (!server.ok()) return complain(server.status(), 1);
  (*server)->serve();
  if (const Status s = say_where(**server); !s.ok()) return complain(s, 1);

  signals.async_wait([&](const boost::system::error_code&, int number) {
    spdlog::info("stopping on signal {}", number);
    signals.clear();  // the next one ends the process
  });
  context.run();
  (*server)->stop();
  return 0;
}

}  // namespace millrace::server
