#include "server/api/api_server.h"

#include <fmt/format.h>
#include <pistache/endpoint.h>
#include <pistache/router.h>

#include <map>
#include <set>

#include "engine/base/log.h"
#include "engine/base/sha256.h"
#include "server/api/loopback.h"
#include "server/http/problem.h"
#include "server/http/target.h"

namespace millrace::server {

using engine::Code;
using engine::Result;
using engine::Status;
namespace http = Pistache::Http;
namespace rest = Pistache::Rest;

namespace {

// A response header with a name given at run time. Pistache writes typed headers only, raw ones are dropped.
class PlainHeader : public http::Header::Header {
 public:
  PlainHeader(std::string name, std::string value) : name_(std::move(name)), value_(std::move(value)) {}
  const char* name() const override { return name_.c_str(); }
  std::uint64_t hash() const override { return std::hash<std::string>{}(name_); }
  void parseRaw(const char* text, std::size_t length) override { value_.assign(text, length); }
  void write(std::ostream& out) const override { out << value_; }

 private:
  std::string name_;
  std::string value_;
};

std::string header_of(const http::Request& request, const char* name) {
  const auto raw = request.headers().tryGetRaw(name);
  return raw ? raw->value() : std::string();
}

void send(http::ResponseWriter& response, const http::Request& request, const Reply& reply) {
  auto& headers = response.headers();
  headers.add(std::make_shared<PlainHeader>(kExchangeHeader, header_of(request, kExchangeHeader)));
  for (const auto& [name, value] : reply.headers) headers.add(std::make_shared<PlainHeader>(name, value));
  const auto mime = reply.content_type.empty() ? http::Mime::MediaType()
                                               : http::Mime::MediaType::fromString(reply.content_type);
  response.send(static_cast<http::Code>(reply.status), reply.body, mime);
}

std::string_view method_name(http::Method method) { return http::methodString(method); }

// "/v1/jobs/{id}" as Pistache spells it: "/v1/jobs/:id".
std::string pistache_pattern(const std::string& pattern) {
  std::string out;
  for (const char c : pattern)
    if (c != '}') out += c == '{' ? ':' : c;
  return out;
}

// The names in braces.
std::vector<std::string> parameter_names(const std::string& pattern) {
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = pattern.find('{', at)) != std::string::npos; ++at)
    names.push_back(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
  return names;
}

Result<Request> plain_request(const rest::Request& request, const std::vector<std::string>& parameters) {
  Request plain;
  plain.method = method_name(request.method());
  plain.path = request.resource();
  for (const std::string& name : parameters) {
    Result<std::string> value = percent_decoded(request.param(":" + name).as<std::string>());
    if (!value.ok()) return value.status();
    plain.parameters[name] = std::move(*value);
  }
  for (auto each = request.query().parameters_begin(); each != request.query().parameters_end(); ++each) {
    Result<std::string> name = percent_decoded(each->first), value = percent_decoded(each->second);
    if (!name.ok()) return name.status();
    if (!value.ok()) return value.status();
    plain.query[*name] = std::move(*value);
  }
  plain.idempotency_key = header_of(request, "Idempotency-Key");
  plain.body = request.body();
  return plain;
}

// Runs `answer` and sends what it says. Nothing may be thrown into Pistache: it ends the process or shows
// what() to the client. So this is the one place that catches everything; it logs what it caught.
template <class Answer>
void answer_guarded(const http::Request& request, http::ResponseWriter& response, const std::string& secret,
                    Answer&& answer) {
  Reply reply;
  try {
    if (engine::equal_in_constant_time(header_of(request, kSecretHeader), secret))
      reply = answer();
    else
      reply = problem_reply(403, "forbidden", "this port belongs to the server's own edge");
  } catch (const std::exception& error) {
    spdlog::error("{} {}: {}", method_name(request.method()), request.resource(), error.what());
    reply = problem_reply(Status(Code::internal, "a handler threw"), Asked::a_job, request.resource());
  } catch (...) {
    spdlog::error("{} {}: an exception of an unknown kind", method_name(request.method()),
                  request.resource());
    reply = problem_reply(Status(Code::internal, "a handler threw"), Asked::a_job, request.resource());
  }
  try {
    send(response, request, reply);
  } catch (const std::exception& error) {
    spdlog::warn("{}: the answer could not be sent: {}", request.resource(), error.what());
  }
}

}  // namespace

struct ApiServer::Parts {
  std::string secret;
  rest::Router router;
  std::unique_ptr<http::Endpoint> endpoint;

  // Every method of every known path is routed, those that it does not answer to a 405. So Pistache never
  // looks up a method that it has no table for, which would add one, unguarded, from several threads.
  void add_routes(const Routes& routes);
  void add(http::Method method, const std::string& pattern, std::function<Reply(const Request&)> answer);
};

void ApiServer::Parts::add(http::Method method, const std::string& pattern,
                           std::function<Reply(const Request&)> answer) {
  router.addRoute(method, pistache_pattern(pattern),
                  [this, answer = std::move(answer), names = parameter_names(pattern)](
                      const rest::Request& request, http::ResponseWriter response) {
                    answer_guarded(request, response, secret, [&] {
                      const Result<Request> plain = plain_request(request, names);
                      return plain.ok() ? answer(*plain)
                                        : problem_reply(plain.status(), Asked::a_list, request.resource());
                    });
                    return rest::Route::Result::Ok;
                  });
}

void ApiServer::Parts::add_routes(const Routes& routes) {
  using http::Method;
  static constexpr Method kMethods[] = {Method::Get,     Method::Head,  Method::Post,
                                        Method::Put,     Method::Patch, Method::Delete,
                                        Method::Options, Method::Trace, Method::Connect};
  std::map<std::string, std::set<std::string>> methods;  // by pattern
  for (const Route& route : routes) {
    methods[route.pattern].insert(route.method);
    if (route.method == "GET") methods[route.pattern].insert("HEAD");
  }
  for (const auto& [pattern, allowed] : methods) {
    const std::string allow = fmt::format("{}", fmt::join(allowed, ", "));
    for (const Method method : kMethods) {
      const auto found =
          std::find_if(routes.begin(), routes.end(), [&, &pattern = pattern](const Route& route) {
            return route.pattern == pattern && route.method == method_name(method);
          });
      if (found != routes.end())
        add(method, pattern, found->answer);
      else
        add(method, pattern,
            [allow](const Request& request) { return method_not_allowed(allow, request.path); });
    }
  }
  router.addNotFoundHandler([this](const rest::Request& request, http::ResponseWriter response) {
    answer_guarded(request, response, secret, [&] { return no_such_path(request.resource()); });
    return rest::Route::Result::Ok;
  });
}

ApiServer::ApiServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ApiServer::~ApiServer() { parts_->endpoint->shutdown(); }

std::uint16_t ApiServer::port() const { return parts_->endpoint->getPort(); }

Result<std::unique_ptr<ApiServer>> ApiServer::start(const Routes& routes, const ApiConfig& config) {
  auto parts = std::make_unique<Parts>();
  parts->secret = config.secret;
  parts->add_routes(routes);
  try {
    parts->endpoint =
        std::make_unique<http::Endpoint>(Pistache::Address(Pistache::Ipv4::loopback(), Pistache::Port(0)));
    // The edge keeps its connections for good; only it decides when one is too old.
    parts->endpoint->init(http::Endpoint::options()
                              .threads(config.threads)
                              .threadsName("api")
                              .flags(Pistache::Tcp::Options::NoDelay | Pistache::Tcp::Options::CloseOnExec)
                              .maxRequestSize(config.max_request_bytes)
                              .headerTimeout(std::chrono::seconds(30))
                              .bodyTimeout(std::chrono::seconds(30))
                              .keepaliveTimeout(std::chrono::hours(24)));
    parts->endpoint->setHandler(parts->router.handler());
    parts->endpoint->serveThreaded();
  } catch (const std::exception& error) {
    return Status(Code::io_error,
                  fmt::format("the api's loopback port could not be opened: {}", error.what()));
  }
  return std::unique_ptr<ApiServer>(new ApiServer(std::move(parts)));
}

}  // namespace millrace::server
