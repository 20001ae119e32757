#include "server/edge/edge_server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "engine/base/log.h"
#include "server/edge/api_client.h"
#include "server/edge/coroutine.h"
#include "server/edge/session.h"

namespace millrace::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using engine::Code;
using engine::Result;
using engine::Status;

namespace {

// Beyond the limit, so many more connections are told why; what comes on top of them is just closed.
constexpr std::size_t kToldThatFull = 64;

}  // namespace

struct EdgeServer::Parts {
  Parts(const EdgeConfig& edge_config, const EdgeServices& edge_services)
      : config(edge_config),
        services(edge_services),
        context(edge_config.threads),
        acceptor_strand(asio::make_strand(context)),
        acceptor(acceptor_strand),
        api(context, services, config.limits) {}

  struct Client {
    asio::any_io_executor strand;
    std::shared_ptr<Session> session;
  };

  Status bind();
  asio::awaitable<void> accept_all();
  void begin(tcp::socket socket);

  const EdgeConfig config;
  const EdgeServices services;
  asio::io_context context;
  asio::strand<asio::io_context::executor_type> acceptor_strand;
  tcp::acceptor acceptor;
  ApiClient api;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<const Session*, Client> clients;
  std::atomic<bool> stopping = false;  // set under the mutex
};

Status EdgeServer::Parts::bind() {
  error_code error;
  const auto address = asio::ip::make_address(config.address, error);
  if (error)
    return Status(Code::invalid_argument, fmt::format("{}: not an IP address to listen on", config.address));
  const tcp::endpoint endpoint(address, config.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) return {};
  std::ostringstream text;
  text << endpoint;
  const bool taken = error == asio::error::address_in_use;
  return Status(taken ? Code::already_exists : Code::io_error,
                fmt::format("cannot listen on {}: {}{}", text.str(), error.message(),
                            taken ? "; stop what listens there, or choose another port with --listen" : ""));
}

asio::awaitable<void> EdgeServer::Parts::accept_all() {
  bool was_refused = false;
  for (;;) {
    error_code error;
    tcp::socket socket(asio::make_strand(context));
    co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (!acceptor.is_open()) co_return;
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      // Out of descriptors, mostly. The connection stays in the queue; asking again at once would spin.
      if (!was_refused) spdlog::warn("no connection can be taken: {}", error.message());
      was_refused = true;
      asio::steady_timer pause(acceptor_strand, std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    was_refused = false;
    begin(std::move(socket));
  }
}

void EdgeServer::Parts::begin(tcp::socket socket) {
  const asio::any_io_executor strand = socket.get_executor();
  std::shared_ptr<Session> session;
  bool full = false;
  {
    const std::lock_guard lock(mutex);
    if (stopping || clients.size() >= config.limits.connections + kToldThatFull) return;
    full = clients.size() >= config.limits.connections;
    session = std::make_shared<Session>(std::move(socket), services, config.limits, api, stopping);
    clients.emplace(session.get(), Client{strand, session});
  }
  asio::co_spawn(strand, session->run(full), [this, session](std::exception_ptr failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      spdlog::error("a connection ended by an exception: {}", error.what());
    }
    const std::lock_guard lock(mutex);
    clients.erase(session.get());
    changed.notify_all();
  });
}

EdgeServer::EdgeServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

EdgeServer::~EdgeServer() { stop(); }

Result<std::unique_ptr<EdgeServer>> EdgeServer::open(const EdgeConfig& config, const EdgeServices& services) {
  // sendfile() has no MSG_NOSIGNAL: a client that goes away must not take the process along.
  std::signal(SIGPIPE, SIG_IGN);
  auto parts = std::make_unique<Parts>(config, services);
  if (Status s = parts->bind(); !s.ok()) return s;
  return std::unique_ptr<EdgeServer>(new EdgeServer(std::move(parts)));
}

std::uint16_t EdgeServer::port() const {
  error_code ignored;
  return parts_->acceptor.local_endpoint(ignored).port();
}

std::string EdgeServer::address() const {
  error_code ignored;
  std::ostringstream text;
  text << parts_->acceptor.local_endpoint(ignored);
  return text.str();
}

void EdgeServer::serve() {
  asio::co_spawn(parts_->acceptor_strand, parts_->accept_all(), asio::detached);
  for (int i = 0; i < parts_->config.threads; ++i)
    parts_->threads.emplace_back([context = &parts_->context] { context->run(); });
}

void EdgeServer::stop() {
  Parts& parts = *parts_;
  std::unique_lock lock(parts.mutex);
  if (parts.stopping) return;
  parts.stopping = true;
  asio::post(parts.acceptor_strand, [&parts] {
    error_code ignored;
    parts.acceptor.close(ignored);
  });
  for (const auto& [key, client] : parts.clients)
    asio::post(client.strand, [session = client.session] { session->stop(); });
  if (!parts.threads.empty()) {
    parts.changed.wait_for(lock, parts.config.limits.stop_grace, [&] { return parts.clients.empty(); });
    if (!parts.clients.empty()) {
      spdlog::warn("{} connections are cut off", parts.clients.size());
      parts.context.stop();
    }
  }
  lock.unlock();
  // Without clients the context runs out of work by itself, and every socket is closed when it has.
  for (std::thread& thread : parts.threads) thread.join();
  parts.services.events.close();
}

}  // namespace millrace::server
