#include "server/daemon/http_server.h"

#include "engine/base/sha256.h"
#include "server/api/api_server.h"
#include "server/auth/token_book.h"
#include "server/edge/edge_server.h"
#include "server/events/event_hub.h"

namespace millrace::server {

using engine::Result;
using engine::Status;

namespace {

constexpr int kQuickThreads = 4;
constexpr int kPatientThreads = 4;

}  // namespace

// In the order they are made; taken down backwards.
struct HttpServer::Parts {
  std::unique_ptr<TokenBook> tokens;  // null: everybody may
  std::optional<std::string> first_token;
  std::unique_ptr<EventHub> events;
  std::unique_ptr<ApiServer> quick_api;
  std::unique_ptr<ApiServer> patient_api;
  std::unique_ptr<EdgeServer> edge;
};

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

HttpServer::~HttpServer() { stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::open(const EdgeConfig& config, engine::JobService& jobs,
                                                     engine::Store* tokens) {
  auto parts = std::make_unique<Parts>();
  parts->events = std::make_unique<EventHub>(jobs);
  ApiConfig api;
  api.secret = engine::random_hex(32);
  api.max_request_bytes = config.limits.body_bytes + config.limits.header_bytes * 4;
  const Routes routes = all_routes(jobs);
  for (const bool patient : {false, true}) {
    api.threads = patient ? kPatientThreads : kQuickThreads;
    auto started = ApiServer::start(routes, api);
    if (!started.ok()) return started.status();
    (patient ? parts->patient_api : parts->quick_api) = std::move(*started);
  }
  if (tokens != nullptr) {
    auto book = TokenBook::open(*tokens);
    if (!book.ok()) return book.status();
    parts->tokens = std::move(*book);
  }
  const EdgeServices services{jobs,
                              *parts->events,
                              [book = parts->tokens.get()](std::string_view authorization) {
                                return book == nullptr || book->accepts(authorization);
                              },
                              parts->quick_api->port(),
                              parts->patient_api->port(),
                              api.secret,
                              config.local_names_only};
  auto edge = EdgeServer::open(config, services);
  if (!edge.ok()) return edge.status();
  parts->edge = std::move(*edge);
  if (parts->tokens) parts->first_token = parts->tokens->make_first();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(parts)));
}

std::uint16_t HttpServer::port() const { return parts_->edge->port(); }
std::string HttpServer::address() const { return parts_->edge->address(); }
const std::optional<std::string>& HttpServer::first_token() const { return parts_->first_token; }
Status HttpServer::keep_first_token() { return parts_->tokens ? parts_->tokens->keep_first() : Status(); }
void HttpServer::serve() { parts_->edge->serve(); }
void HttpServer::stop() { parts_->edge->stop(); }

}  // namespace millrace::server
