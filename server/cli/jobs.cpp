#include "server/cli/jobs.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "engine/job/job_spec_json.h"
#include "engine/job/names.h"
#include "server/cli/exit_code.h"
#include "server/cli/http_client.h"
#include "server/cli/progress_bar.h"
#include "server/cli/stop_signals.h"
#include "server/http/target.h"

namespace millrace::server {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using nlohmann::ordered_json;

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenLooks{300};
constexpr std::chrono::seconds kMayBeAwayFor{60};

struct Answer {
  Status status;  // why there is no document
  int code = kDone;
  ordered_json document;
};

std::string text_at(const ordered_json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

ordered_json list_at(const ordered_json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_array() ? *found : ordered_json::array();
}

double number_at(const ordered_json& object, const char* name, double otherwise) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_number() ? found->get<double>() : otherwise;
}

// What a refusal of the server means here.
Answer refusal(const HttpReply& reply, const ordered_json& problem) {
  Answer answer;
  std::string detail = text_at(problem, "detail");
  if (detail.empty()) detail = text_at(problem, "title");
  if (detail.empty()) detail = fmt::format("the server answered {}", reply.status);
  if (reply.status == 401) detail += "; give --token, or set MILLRACE_TOKEN";
  Code code = Code::invalid_argument;
  answer.code = kWrongUsage;
  if (reply.status == 503 || reply.status == 507) {
    code = Code::resource_exhausted;
    answer.code = kNoCapacity;
  } else if (reply.status >= 500) {
    code = Code::internal;
    answer.code = kJobFailed;
  }
  answer.status = Status(code, detail);
  answer.status.at_field(text_at(problem, "field"));
  // A spec that was refused for its source.
  if (reply.status == 422) answer.code = exit_code_of_plan(answer.status);
  return answer;
}

Answer ask_server(const ServerFlags& flags, HttpQuestion question) {
  const Result<ServerAddress> address = server_address(flags.server);
  if (!address.ok()) return {address.status(), kWrongUsage, {}};
  if (!flags.token.empty()) question.headers.emplace_back("Authorization", "Bearer " + flags.token);
  const Result<HttpReply> reply = ask(*address, question);
  if (!reply.ok()) return {reply.status(), kJobFailed, {}};
  ordered_json document = ordered_json::parse(reply->body, nullptr, false);
  if (reply->status < 200 || reply->status > 299)
    return refusal(*reply, document.is_discarded() ? ordered_json() : document);
  if (document.is_discarded())
    return {Status(Code::io_error, flags.server + ": the answer is no JSON; is it a Millrace server?"),
            kJobFailed,
            {}};
  return {{}, kDone, std::move(document)};
}

std::string path_of_job(const std::string& id) { return "/v1/jobs/" + percent_encoded(id); }

engine::Progress progress_of(const ordered_json& job) {
  engine::Progress progress;
  const auto found = job.find("progress");
  if (found == job.end()) return progress;
  engine::from_name(text_at(*found, "phase"), progress.phase);
  progress.done = number_at(*found, "done", 0);
  progress.speed = number_at(*found, "speed", 0);
  progress.eta_seconds = number_at(*found, "eta_seconds", -1);
  return progress;
}

std::string job_line(const ordered_json& job) {
  std::string input;
  if (const auto spec = job.find("spec"); spec != job.end() && spec->is_object() && spec->contains("input")) {
    const ordered_json& from = (*spec)["input"];
    input = from.contains("slides") ? fmt::format("{} slides", from["slides"].size()) : text_at(from, "url");
  }
  return fmt::format("{}  {:<9}  {:3} %  {}  {}\n", text_at(job, "id"), text_at(job, "state"),
                     static_cast<int>(progress_of(job).done * 100), text_at(job, "created"), input);
}

int say_job(const ordered_json& job, Console& console) {
  if (console.json) {
    print(console, job);
    return kDone;
  }
  console.out << job_line(job);
  for (const ordered_json& attempt : list_at(job, "attempts"))
    for (const ordered_json& retry : list_at(attempt, "retries"))
      console.out << fmt::format("  again: {}: {}\n", text_at(retry, "task"), text_at(retry, "message"));
  if (const auto error = job.find("error"); error != job.end() && error->is_object())
    console.out << "  error: " << text_at(*error, "message") << '\n';
  console.out << std::flush;
  return kDone;
}

// Of a server that is being started anew, or has too much to do.
bool may_come_back(const Status& status) {
  return status.code() == Code::io_error || status.code() == Code::resource_exhausted;
}

// The exit code of a job that has ended; nothing while it goes on.
std::optional<int> code_of_end(const ordered_json& job) {
  const std::string state = text_at(job, "state");
  if (state == "completed") return kDone;
  if (state == "failed") return kJobFailed;
  if (state == "cancelled") return kCancelled;
  return std::nullopt;
}

}  // namespace

int submit_job(const ServerFlags& server, const SubmitOptions& options, Console& console) {
  const Result<engine::JobSpec> spec = job_spec_of(options.spec);
  if (!spec.ok()) return fail(console, spec.status(), kWrongUsage);
  HttpQuestion question;
  question.method = "POST";
  question.target = options.dry_run ? "/v1/jobs?dry_run=true" : "/v1/jobs";
  question.body = engine::to_json(*spec).dump();
  if (!options.idempotency_key.empty())
    question.headers.emplace_back("Idempotency-Key", options.idempotency_key);
  const Answer answer = ask_server(server, question);
  if (!answer.status.ok()) return fail(console, answer.status, answer.code);
  if (options.dry_run) {
    print(console, answer.document);
    return kDone;
  }
  if (options.watch) return watch_job(server, text_at(answer.document, "id"), console);
  return say_job(answer.document, console);
}

int list_jobs(const ServerFlags& server, const ListOptions& options, Console& console) {
  HttpQuestion question;
  question.target = fmt::format("/v1/jobs?limit={}", options.limit);
  if (!options.state.empty()) question.target += "&state=" + percent_encoded(options.state);
  if (!options.tag.empty()) question.target += "&tag=" + percent_encoded(options.tag);
  if (!options.cursor.empty()) question.target += "&cursor=" + percent_encoded(options.cursor);
  const Answer answer = ask_server(server, question);
  if (!answer.status.ok()) return fail(console, answer.status, answer.code);
  if (console.json) {
    print(console, answer.document);
    return kDone;
  }
  if (const auto jobs = answer.document.find("jobs"); jobs != answer.document.end() && jobs->is_array())
    for (const ordered_json& job : *jobs) console.out << job_line(job);
  console.out << std::flush;
  if (const std::string next = text_at(answer.document, "next"); !next.empty())
    console.err << "there are more: --cursor " << next << std::endl;
  return kDone;
}

int show_job(const ServerFlags& server, const std::string& id, Console& console) {
  const Answer answer = ask_server(server, {.target = path_of_job(id), .body = {}, .headers = {}});
  if (!answer.status.ok()) return fail(console, answer.status, answer.code);
  return say_job(answer.document, console);
}

int watch_job(const ServerFlags& server, const std::string& id, Console& console) {
  const StopSignals signals;
  std::optional<ProgressBar> bar;
  if (console.terminal) bar.emplace(console.err);
  std::mutex mutex;
  std::condition_variable_any woken;
  std::optional<Clock::time_point> answered;
  for (;;) {
    const Answer answer = ask_server(server, {.target = path_of_job(id), .body = {}, .headers = {}});
    const bool is_away = answered && Clock::now() - *answered < kMayBeAwayFor && may_come_back(answer.status);
    if (!answer.status.ok() && !is_away) {
      bar.reset();
      return fail(console, answer.status, answer.code);
    }
    if (answer.status.ok()) {
      answered = Clock::now();
      if (const std::optional<int> end = code_of_end(answer.document)) {
        bar.reset();
        say_job(answer.document, console);
        return *end;
      }
      if (bar) bar->show(progress_of(answer.document));
    }
    std::unique_lock lock(mutex);
    woken.wait_for(lock, signals.token(), kBetweenLooks, [] { return false; });
    if (!signals.token().stop_requested()) continue;
    bar.reset();
    return fail(console, Status(Code::cancelled, fmt::format("{}: not watched any more; it goes on", id)),
                kCancelled);
  }
}

int change_jobs(const ServerFlags& server, const std::string& action, const std::vector<std::string>& ids,
                Console& console) {
  int first_failure = kDone;
  ordered_json results = ordered_json::array();
  for (const std::string& id : ids) {
    const Answer answer = ask_server(
        server, {.method = "POST", .target = path_of_job(id) + "/" + action, .body = {}, .headers = {}});
    if (answer.status.ok()) {
      results.push_back(answer.document);
      if (!console.json) say_job(answer.document, console);
      continue;
    }
    if (first_failure == kDone) first_failure = answer.code;
    console.err << fmt::format("millrace: {}: {}\n", id, answer.status.message()) << std::flush;
    results.push_back(
        {{"id", id},
         {"error", {{"code", engine::name_of(answer.status.code())}, {"message", answer.status.message()}}}});
  }
  if (console.json) print(console, {{"jobs", std::move(results)}});
  return first_failure;
}

}  // namespace millrace::server
