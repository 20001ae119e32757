#include "server/edge/session.h"

#include <boost/beast/http/read.hpp>
#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/base/log.h"
#include "engine/base/version.h"
#include "server/edge/coroutine.h"
#include "server/edge/event_stream.h"
#include "server/edge/file_reply.h"
#include "server/edge/page.h"
#include "server/edge/request_check.h"
#include "server/http/media_type.h"
#include "server/http/problem.h"

namespace millrace::server {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using engine::Code;
using engine::Result;
using engine::Status;

namespace {

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool is_api(const EdgeRoute& route) {
  return route.kind == EdgeRoute::Kind::quick_api || route.kind == EdgeRoute::Kind::patient_api;
}

// A body without a type is taken, and so is the type that `curl -d` gives to everything.
bool may_be_json(std::string_view content_type) {
  return content_type.empty() || is_json(content_type) || content_type == "application/x-www-form-urlencoded";
}

// The number that events are asked for after: Last-Event-ID, which a browser sends when it comes back, before
// ?after=.
Result<std::uint64_t> events_after(std::string_view last_event_id, const Target& target,
                                   std::uint64_t otherwise) {
  const auto refused = [](std::string text, std::string field) {
    return Status(Code::invalid_argument, std::move(text)).at_field(std::move(field));
  };
  for (const auto& [name, value] : target.query)
    if (name != "after")
      return refused("query parameter '" + name + "' is not known here; allowed: after", name);
  const auto after = target.query.find("after");
  std::string_view text = last_event_id;
  if (text.empty() && after != target.query.end()) text = after->second;
  if (text.empty()) return otherwise;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return refused("the number of the last event that was seen, such as 17",
                   last_event_id.empty() ? "after" : "Last-Event-ID");
  return number;
}

}  // namespace

Session::Session(asio::ip::tcp::socket socket, const EdgeServices& services, const EdgeLimits& limits,
                 ApiClient& api, const std::atomic<bool>& stopping)
    : connection_(std::move(socket), limits),
      services_(services),
      limits_(limits),
      api_(api),
      stopping_(stopping) {}

void Session::stop() {
  if (events_ != nullptr)
    events_->stop();
  else if (waiting_)
    connection_.abort();
}

asio::awaitable<void> Session::run(bool full) {
  bool first = true;
  while (!stopping_) {
    const bool begun = co_await wait_for_request(first);
    if (!begun || stopping_) co_return;
    first = false;
    Next next = Next::gone;
    if (full) {
      Reply busy = problem_reply(503, "resource_exhausted", "too many connections; try again later");
      next = co_await refuse(std::move(busy), false);
    } else {
      next = co_await serve_request();
    }
    if (next == Next::gone) co_return;
    if (next == Next::goodbye) {
      co_await connection_.linger();
      co_return;
    }
  }
}

asio::awaitable<bool> Session::wait_for_request(bool first) {
  if (connection_.buffer().size() > 0) co_return true;
  waiting_ = true;
  error_code error;
  connection_.watchdog().arm(first ? limits_.header : limits_.idle);
  co_await connection_.socket().async_wait(asio::ip::tcp::socket::wait_read,
                                           asio::redirect_error(asio::use_awaitable, error));
  connection_.watchdog().disarm();
  waiting_ = false;
  co_return !error;
}

asio::awaitable<Session::Next> Session::serve_request() {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser.body_limit(limits_.body_bytes);
  error_code error;
  connection_.watchdog().arm(limits_.header);
  co_await http::async_read_header(connection_.socket(), connection_.buffer(), parser,
                                   asio::redirect_error(asio::use_awaitable, error));
  connection_.watchdog().disarm();
  if (error) co_return co_await refuse_parser(error);

  const auto& head = parser.get();
  const bool head_only = head.method() == http::verb::head;
  if (auto refusal = check_head(head)) co_return co_await refuse(std::move(*refusal), head_only);
  if (auto refusal = services_.local_names_only ? check_host(head) : std::nullopt)
    co_return co_await refuse(std::move(*refusal), head_only);
  Result<Target> target = parse_target(view(head.target()));
  if (!target.ok()) {
    Reply bad = problem_reply(400, "bad_request", target.status().message());
    co_return co_await refuse(std::move(bad), head_only);
  }
  EdgeRoute route = edge_route(view(head.method_string()), *target);
  const std::string path = path_of(*target);
  if (!route.open && !services_.authorised(view(head[http::field::authorization]))) {
    Reply denied =
        problem_reply(401, "unauthorized", "send a token of this server: Authorization: Bearer TOKEN", path);
    denied.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"millrace\"");
    if (!parser.is_done()) co_return co_await refuse(std::move(denied), head_only);
    co_return co_await send(std::move(denied), parser);
  }
  if (is_api(route) && !parser.is_done() && !may_be_json(view(head[http::field::content_type]))) {
    Reply refusal =
        problem_reply(415, "unsupported", "send the body as application/json", path, "Content-Type");
    co_return co_await refuse(std::move(refusal), head_only);
  }
  if (!parser.is_done()) {
    const bool whole = co_await read_body(parser);
    if (!whole) co_return Next::goodbye;
  }
  co_return co_await answer(parser, std::move(*target), std::move(route));
}

// False when the client was refused or is gone.
asio::awaitable<bool> Session::read_body(Parser& parser) {
  if (expects_continue(parser.get()) && parser.get().version() == 11 && connection_.buffer().size() == 0) {
    const bool told = co_await connection_.write_bytes("HTTP/1.1 100 Continue\r\n\r\n");
    if (!told) co_return false;
  }
  error_code error;
  connection_.watchdog().arm(limits_.body);
  co_await http::async_read(connection_.socket(), connection_.buffer(), parser,
                            asio::redirect_error(asio::use_awaitable, error));
  connection_.watchdog().disarm();
  if (!error) co_return true;
  co_await refuse_parser(error);
  co_return false;
}

asio::awaitable<Session::Next> Session::refuse(Reply reply, bool head_only) {
  const WriteMode mode{head_only, false};
  const bool written = co_await connection_.write_reply(std::move(reply), mode);
  co_return written ? Next::goodbye : Next::gone;
}

asio::awaitable<Session::Next> Session::refuse_parser(error_code error) {
  std::optional<Reply> reply = answer_to_parser(error);
  if (connection_.watchdog().expired())
    reply = problem_reply(408, "timeout", "the request took too long to arrive");
  if (!reply) co_return Next::gone;
  co_return co_await refuse(std::move(*reply), false);
}

asio::awaitable<Session::Next> Session::send(Reply reply, Parser& parser) {
  const bool keep = parser.keep_alive() && !stopping_;
  const bool head_only = parser.get().method() == http::verb::head;
  const WriteMode mode{head_only, keep};
  const bool written = co_await connection_.write_reply(std::move(reply), mode);
  if (!written) co_return Next::gone;
  co_return keep ? Next::request : Next::goodbye;
}

asio::awaitable<Session::Next> Session::answer(Parser& parser, Target target, EdgeRoute route) {
  const http::verb method = parser.get().method();
  const std::string path = path_of(target);
  Reply reply;
  if (is_api(route)) {
    reply = co_await ask_api(parser, std::move(target), std::move(route));
  } else if (route.kind == EdgeRoute::Kind::nothing) {
    reply = no_such_path(path);
  } else if (method != http::verb::get && method != http::verb::head) {
    reply = method_not_allowed("GET, HEAD", path);
  } else if (route.kind == EdgeRoute::Kind::file) {
    co_return co_await send_file(parser, std::move(route));
  } else if (route.kind == EdgeRoute::Kind::events || route.kind == EdgeRoute::Kind::job_events) {
    co_return co_await send_events(parser, std::move(target), std::move(route));
  } else {
    reply = own_reply(route, path);
  }
  co_return co_await send(std::move(reply), parser);
}

Reply Session::own_reply(const EdgeRoute& route, const std::string& path) {
  if (route.kind == EdgeRoute::Kind::page) {
    Reply page;
    page.content_type = "text/html; charset=utf-8";
    page.body = front_page();
    return page;
  }
  const bool ready = route.kind == EdgeRoute::Kind::ready;
  if (ready)
    if (const Status status = services_.jobs.ready(); !status.ok()) {
      spdlog::warn("not ready: {}", to_string(status));
      return problem_reply(503, "not_ready", "the server takes no new work now; its log says why", path);
    }
  nlohmann::ordered_json health;
  health["status"] = ready ? "ready" : "ok";
  health["version"] = engine::version();
  return json_reply(200, health);
}

asio::awaitable<Reply> Session::ask_api(Parser& parser, Target target, EdgeRoute route) {
  auto& request = parser.get();
  ApiQuestion question;
  question.method = request.method() == http::verb::head ? "GET" : std::string(view(request.method_string()));
  question.target = to_string(target);
  question.idempotency_key = std::string(view(request["Idempotency-Key"]));
  question.body = std::move(request.body());
  const auto lane =
      route.kind == EdgeRoute::Kind::patient_api ? ApiClient::Lane::patient : ApiClient::Lane::quick;
  const std::string path = path_of(target);
  if (request.count("Idempotency-Key") > 1 || question.idempotency_key.size() > 1024)
    co_return problem_reply(400, "invalid_argument", "Idempotency-Key: one, of at most 255 characters", path,
                            "Idempotency-Key");
  co_return co_await api_.ask(std::move(question), lane);
}

asio::awaitable<Session::Next> Session::send_file(Parser& parser, EdgeRoute route) {
  const auto& head = parser.get();
  Target asked{{"v1", "jobs", route.job_id, "files"}, {}};
  asked.segments.insert(asked.segments.end(), route.file.begin(), route.file.end());
  const std::string path = path_of(asked);
  const auto folder = services_.jobs.folder(route.job_id);
  Status failure = folder.status();
  engine::UniqueFd file;
  FileReply found;
  if (failure.ok()) {
    Result<engine::UniqueFd> opened = open_below(*folder, route.file);
    failure = opened.status();
    if (opened.ok()) file = std::move(*opened);
  }
  if (failure.ok()) {
    FileConditions conditions;
    conditions.ranges = head.method() == http::verb::get;
    conditions.range = view(head[http::field::range]);
    conditions.if_range = view(head[http::field::if_range]);
    conditions.if_none_match = view(head[http::field::if_none_match]);
    conditions.if_modified_since = view(head[http::field::if_modified_since]);
    Result<FileReply> reply = file_reply(file.get(), route.file.back(), conditions);
    failure = reply.status();
    if (reply.ok()) found = std::move(*reply);
  }
  if (!failure.ok()) {
    Reply problem = problem_reply(failure, Asked::a_job, path);
    co_return co_await send(std::move(problem), parser);
  }
  if (found.status == 304 || found.status == 416) {
    Reply reply;
    if (found.status == 416)
      reply = problem_reply(416, "range", "nothing of the file lies in this range", path);
    reply.status = found.status;
    reply.headers = std::move(found.headers);
    co_return co_await send(std::move(reply), parser);
  }
  const bool keep = parser.keep_alive() && !stopping_;
  const WriteMode mode{head.method() == http::verb::head, keep};
  const bool sent = co_await connection_.write_file(found.status, std::move(found.headers), std::move(file),
                                                    found.offset, found.length, mode);
  if (!sent) co_return Next::gone;
  co_return keep ? Next::request : Next::goodbye;
}

asio::awaitable<Session::Next> Session::send_events(Parser& parser, Target target, EdgeRoute route) {
  const auto& head = parser.get();
  const std::string path = path_of(target);
  // A job's stream begins with its beginning, the stream of all jobs now.
  const std::uint64_t otherwise = route.job_id.empty() ? services_.jobs.last_event() : 0;
  const auto after = events_after(view(head["Last-Event-ID"]), target, otherwise);
  std::optional<Reply> instead;
  if (!after.ok()) {
    instead = problem_reply(after.status(), Asked::a_list, path);
  } else if (!route.job_id.empty()) {
    const Result<bool> nothing = nothing_left(services_.jobs, route.job_id, *after);
    if (!nothing.ok()) {
      instead = problem_reply(nothing.status(), Asked::a_job, path);
    } else if (*nothing) {
      instead = Reply{};
      instead->status = 204;
    }
  }
  if (instead) co_return co_await send(std::move(*instead), parser);
  if (head.method() == http::verb::head) {
    const bool written = co_await connection_.write_bytes(event_stream_head());
    co_return written ? Next::goodbye : Next::gone;
  }
  // A server that stops sends no answer: browsers come back after a broken connection, not after a refusal.
  if (stopping_) co_return Next::gone;
  EventStream stream(connection_, services_, limits_, route.job_id, *after);
  events_ = &stream;
  co_await stream.run();
  events_ = nullptr;
  co_return Next::goodbye;
}

}  // namespace millrace::server
