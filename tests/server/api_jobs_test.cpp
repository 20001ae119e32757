// The api through the edge, as clients meet it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/server/running_server.h"

namespace millrace::test {
namespace {

using engine::Code;
using engine::JobState;
using engine::Status;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kSpec[] = R"({"input":{"url":"file:///media/a.mov"},"outputs":[]})";

class Api : public RunningServer {
 protected:
  // The problem's status, after checking that it is one.
  static void expect_problem(const Answer& answer, int status, const std::string& detail) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    const json problem = json::parse(answer.body, nullptr, false);
    ASSERT_TRUE(problem.is_object()) << answer.body;
    EXPECT_EQ(problem.value("status", 0), status);
    EXPECT_THAT(problem.value("detail", ""), HasSubstr(detail));
    EXPECT_THAT(problem.value("type", ""), StartsWith("urn:millrace:problem:"));
  }
};

TEST_F(Api, SubmitAnswersWithThePlaceOfTheJob) {
  start();
  const Answer answer = ask_once(port(), "POST", "/v1/jobs", "Content-Type: application/json\r\n", kSpec);
  EXPECT_EQ(answer.status, 201);
  const json job = json::parse(answer.body);
  EXPECT_EQ(answer.header("location"), "/v1/jobs/" + job["id"].get<std::string>());
  EXPECT_EQ(job["state"], "queued");
  EXPECT_EQ(jobs_.last_spec(), kSpec);
  EXPECT_EQ(jobs_.last_key(), "");
  EXPECT_EQ(ask_once(port(), "GET", answer.header("location")).status, 200);
}

TEST_F(Api, IdempotencyKeyGivesTheSameJobAgain) {
  start();
  const std::string key = "Idempotency-Key: abc\r\n";
  const Answer first = ask_once(port(), "POST", "/v1/jobs", key, kSpec);
  const Answer again = ask_once(port(), "POST", "/v1/jobs", key, kSpec);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.header("idempotent-replayed"), "true");
  EXPECT_EQ(first.header("location"), again.header("location"));
  EXPECT_EQ(jobs_.last_key(), "abc");
  jobs_.refuse_with(Status(Code::already_exists, "the key stands for another body"));
  expect_problem(ask_once(port(), "POST", "/v1/jobs", key, kSpec), 409, "another body");
  jobs_.refuse_with({});
  const std::string longest(255, 'k'), too_long(256, 'k');
  EXPECT_EQ(ask_once(port(), "POST", "/v1/jobs", "Idempotency-Key: " + longest + "\r\n", kSpec).status, 201);
  expect_problem(ask_once(port(), "POST", "/v1/jobs", "Idempotency-Key: " + too_long + "\r\n", kSpec), 400,
                 "255");
  expect_problem(ask_once(port(), "POST", "/v1/jobs", "Idempotency-Key: a\r\nIdempotency-Key: b\r\n", kSpec),
                 400, "255");
}

TEST_F(Api, DryRunGivesThePlanAndQueuesNothing) {
  start();
  for (const char* flag : {"true", "1"}) {
    const Answer answer = ask_once(port(), "POST", std::string("/v1/jobs?dry_run=") + flag, "", kSpec);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(json::parse(answer.body)["looked_at"], kSpec);
  }
  EXPECT_EQ(jobs_.submits(), 0);
  EXPECT_EQ(ask_once(port(), "POST", "/v1/jobs?dry_run=false", "", kSpec).status, 201);
  expect_problem(ask_once(port(), "POST", "/v1/jobs?dry_run=yes", "", kSpec), 400, "true or false");
  jobs_.refuse_with(Status(Code::not_found, "file:///media/a.mov: does not exist"));
  expect_problem(ask_once(port(), "POST", "/v1/jobs?dry_run=1", "", kSpec), 422, "does not exist");
}

TEST_F(Api, RefusalsOfASpecNameTheField) {
  start();
  Status refusal(Code::invalid_argument, "outputs[0].codec: allowed are h264");
  jobs_.refuse_with(refusal.at_field("outputs[0].codec"));
  const Answer answer = ask_once(port(), "POST", "/v1/jobs", "", kSpec);
  expect_problem(answer, 422, "allowed are h264");
  EXPECT_EQ(json::parse(answer.body)["field"], "outputs[0].codec");
  EXPECT_EQ(json::parse(answer.body)["instance"], "/v1/jobs");
}

TEST_F(Api, BodiesThatAreNoJsonAreRefused) {
  start();
  for (const char* body : {"{", "nothing", "{\"a\": \"\xff\"}", "[1,]"})
    expect_problem(ask_once(port(), "POST", "/v1/jobs", "", body), 400, "JSON");
  expect_problem(ask_once(port(), "POST", "/v1/jobs"), 400, "JSON");
  expect_problem(ask_once(port(), "POST", "/v1/jobs", "Content-Type: text/plain\r\n", kSpec), 415,
                 "application/json");
  expect_problem(ask_once(port(), "POST", "/v1/jobs", "Content-Type: ;;;\r\n", kSpec), 415,
                 "application/json");
  // The first is what `curl -d` says of any body.
  for (const char* type : {"application/x-www-form-urlencoded", "application/json; charset=utf-8"})
    EXPECT_EQ(ask_once(port(), "POST", "/v1/jobs/cancel", std::string("Content-Type: ") + type + "\r\n",
                       R"({"ids":[]})")
                  .status,
              200);
  // As deep as the limit lets it be.
  const Answer deep = ask_once(port(), "POST", "/v1/jobs", "", std::string(500'000, '['));
  expect_problem(deep, 400, "JSON");
  EXPECT_EQ(jobs_.submits(), 0);
}

TEST_F(Api, FailuresOfTheServerSayNothingOfItsDisk) {
  start();
  jobs_.refuse_with(Status(Code::io_error, "/data/store: write failed"));
  const Answer broken = ask_once(port(), "POST", "/v1/jobs", "", kSpec);
  expect_problem(broken, 500, "log");
  EXPECT_THAT(broken.body, Not(HasSubstr("/data")));
  jobs_.refuse_with(Status(Code::resource_exhausted, "/data: full"));
  const Answer full = ask_once(port(), "POST", "/v1/jobs", "", kSpec);
  expect_problem(full, 503, "no room");
  EXPECT_FALSE(full.header("retry-after").empty());
}

TEST_F(Api, ExceptionsAreAnsweredAndTheServerLivesOn) {
  start();
  RawClient client(port());
  for (const int kind : {1, 2}) {
    jobs_.throw_at_submit(kind);
    const Answer answer = client.ask("POST", "/v1/jobs", "", kSpec);
    expect_problem(answer, 500, "log");
    EXPECT_THAT(answer.body, Not(HasSubstr("secret words")));
  }
  jobs_.throw_at_submit(0);
  EXPECT_EQ(client.ask("POST", "/v1/jobs", "", kSpec).status, 201);
}

TEST_F(Api, ListFiltersAndPages) {
  start();
  for (const char* id : {"a", "b", "c"}) jobs_.add(id);
  jobs_.set_state("a", JobState::failed);
  const json page = json::parse(ask_once(port(), "GET", "/v1/jobs?limit=2").body);
  ASSERT_EQ(page["jobs"].size(), 2U);
  EXPECT_EQ(page["jobs"][0]["id"], "c");
  EXPECT_EQ(page["next"], "b");
  const json failed =
      json::parse(ask_once(port(), "GET", "/v1/jobs?state=failed&tag=title%3Da%26b&cursor=x").body);
  EXPECT_EQ(failed["jobs"].size(), 1U);
  EXPECT_TRUE(failed["next"].is_null());
  EXPECT_EQ(jobs_.last_filter().state, JobState::failed);
  EXPECT_EQ(jobs_.last_filter().tag, "title=a&b");
  EXPECT_EQ(jobs_.last_filter().cursor, "x");
  EXPECT_EQ(jobs_.last_filter().limit, 50);
}

TEST_F(Api, ListRefusesWhatItDoesNotUnderstand) {
  start();
  expect_problem(ask_once(port(), "GET", "/v1/jobs?state=done"), 400, "completed");
  for (const char* limit : {"0", "501", "-1", "x", "", "5x", "99999999999"})
    expect_problem(ask_once(port(), "GET", std::string("/v1/jobs?limit=") + limit), 400, "from 1 to 500");
  expect_problem(ask_once(port(), "GET", "/v1/jobs?tag=x"), 400, "key=value");
  expect_problem(ask_once(port(), "GET", "/v1/jobs?order=up"), 400, "'order' is not known");
  expect_problem(ask_once(port(), "GET", "/v1/jobs?limit=1&limit=2"), 400, "twice");
  jobs_.refuse_with(Status(Code::invalid_argument, "cursor: not one of ours"));
  expect_problem(ask_once(port(), "GET", "/v1/jobs?cursor=zzz"), 400, "not one of ours");
}

TEST_F(Api, ActionsChangeTheStateOrConflict) {
  start();
  jobs_.add(kJob);
  const std::string job = std::string("/v1/jobs/") + kJob;
  const auto act = [&](const std::string& action) { return ask_once(port(), "POST", job + "/" + action); };
  EXPECT_EQ(json::parse(act("pause").body)["state"], "paused");
  EXPECT_EQ(json::parse(act("resume").body)["state"], "queued");
  expect_problem(ask_once(port(), "DELETE", job), 409, "not final");
  EXPECT_EQ(json::parse(act("cancel").body)["state"], "cancelled");
  expect_problem(act("cancel"), 409, "cancelled");
  EXPECT_EQ(json::parse(act("retry").body)["state"], "queued");
  expect_problem(ask_once(port(), "POST", job + "/cancel?now=1"), 400, "now");
  jobs_.set_state(kJob, JobState::completed);
  const Answer gone = ask_once(port(), "DELETE", job);
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.header("content-length"), "");
  expect_problem(ask_once(port(), "GET", job), 404, "there is none");
  expect_problem(act("cancel"), 404, "there is none");
  expect_problem(ask_once(port(), "DELETE", job), 404, "there is none");
}

TEST_F(Api, CancelsOneOutput) {
  start();
  jobs_.add(kJob);
  const auto cancel = [&](const std::string& name) {
    return ask_once(port(), "POST", std::string("/v1/jobs/") + kJob + "/outputs/" + name + "/cancel");
  };
  const Answer answer = cancel("web");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::parse(answer.body)["cancelled_outputs"], json::array({"web"}));
  EXPECT_EQ(json::parse(answer.body)["state"], "running");
  expect_problem(cancel("web"), 409, "already");
  expect_problem(cancel("abr"), 404, "'abr'");
}

TEST_F(Api, CancelsManyAndTellsOfEach) {
  start();
  jobs_.add("a");
  jobs_.add("b", JobState::completed);
  const Answer answer = ask_once(port(), "POST", "/v1/jobs/cancel", "", R"({"ids":["a","b","c"]})");
  EXPECT_EQ(answer.status, 200);
  const json results = json::parse(answer.body)["results"];
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0]["state"], "cancelled");
  EXPECT_EQ(results[1]["error"]["status"], 409);
  EXPECT_EQ(results[2]["error"]["status"], 404);
  expect_problem(ask_once(port(), "POST", "/v1/jobs/cancel", "", "{"), 400, "JSON");
  expect_problem(ask_once(port(), "POST", "/v1/jobs/cancel", "", R"({"ids":"a"})"), 422, "ids");
  expect_problem(ask_once(port(), "POST", "/v1/jobs/cancel", "", R"({"ids":[1]})"), 422, "ids[0]");
  expect_problem(ask_once(port(), "POST", "/v1/jobs/cancel", "", R"({"ids":[],"all":true})"), 422, "'all'");
}

TEST_F(Api, InspectLooksAtASource) {
  start();
  const Answer answer = ask_once(port(), "POST", "/v1/inspect", "", R"({"url":"file:///media/a.mov"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::parse(answer.body)["looked_at"], "file:///media/a.mov");
  const Answer slides = ask_once(port(), "POST", "/v1/inspect", "", R"({"slides":[{"text":"Hello"}]})");
  EXPECT_EQ(slides.status, 200) << slides.body;
  EXPECT_NE(json::parse(slides.body)["looked_at"].get<std::string>().find("Hello"), std::string::npos);
  for (const char* body : {"{}", R"({"url":7})", R"("file:///a")", R"({"url":"a","x":1})"})
    EXPECT_EQ(ask_once(port(), "POST", "/v1/inspect", "", body).status, 422) << body;
  expect_problem(ask_once(port(), "POST", "/v1/inspect", "", "x"), 400, "JSON");
  jobs_.refuse_with(Status(Code::corrupt_input, "file:///media/a.mov: no media file"));
  expect_problem(ask_once(port(), "POST", "/v1/inspect", "", R"({"url":"file:///media/a.mov"})"), 422,
                 "no media");
}

TEST_F(Api, SourcesThatTakeLongToInspectHoldNobodyElseUp) {
  start();
  jobs_.hold_inspect();
  RawClient patient(port());
  patient.send("POST /v1/inspect HTTP/1.1\r\nHost: test\r\nContent-Length: 11\r\n\r\n{\"url\":\"a\"}");
  jobs_.wait_until_inspecting(1);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask_once(port(), "POST", "/v1/jobs", "", kSpec).status, 201);
  jobs_.release_inspect();
  EXPECT_EQ(patient.read_answer().status, 200);
}

TEST_F(Api, ManyClientsAtOnceGetTheirOwnAnswers) {
  start();
  for (int i = 0; i < 8; ++i) jobs_.add("job" + std::to_string(i));
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([this, i] {
      RawClient client(port());
      const std::string id = "job" + std::to_string(i);
      for (int n = 0; n < 50; ++n) {
        const Answer answer = client.ask("GET", "/v1/jobs/" + id);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(json::parse(answer.body)["id"], id);
      }
    });
  for (std::thread& client : clients) client.join();
}

TEST_F(Api, ABackupIsMadeOnDemandAndItsFailureSaysNothingOfTheDisk) {
  start();
  const Answer made = ask_once(port(), "POST", "/v1/backups");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(json::parse(made.body),
            json({{"backup", 3}, {"made", "1970-01-01T00:00:01.000Z"}, {"bytes", 4'711}}));
  expect_problem(ask_once(port(), "POST", "/v1/backups?to=/etc"), 400, "'to' is not known");
  jobs_.refuse_with(Status(Code::resource_exhausted, "/data/backups: the disk is full"));
  const Answer full = ask_once(port(), "POST", "/v1/backups");
  expect_problem(full, 503, "no room");
  EXPECT_THAT(full.body, Not(HasSubstr("/data")));
}

TEST_F(Api, HealthAndReadiness) {
  start();
  EXPECT_EQ(json::parse(ask_once(port(), "GET", "/healthz").body)["status"], "ok");
  EXPECT_EQ(ask_once(port(), "GET", "/readyz").status, 200);
  jobs_.set_not_ready(Status(Code::resource_exhausted, "/data: the disk is full"));
  const Answer answer = ask_once(port(), "GET", "/readyz");
  expect_problem(answer, 503, "no new work");
  EXPECT_THAT(answer.body, Not(HasSubstr("/data")));
  EXPECT_EQ(ask_once(port(), "GET", "/healthz").status, 200);
  EXPECT_EQ(json::parse(ask_once(port(), "GET", "/v1/hardware").body)["cpu"]["usable_cores"], 2);
}

TEST_F(Api, MetricsAreForPrometheus) {
  start();
  const Answer answer = ask_once(port(), "GET", "/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(answer.body,
            "# HELP millrace_jobs Jobs.\n# TYPE millrace_jobs gauge\nmillrace_jobs{state=\"running\"} 1\n");
  expect_problem(ask_once(port(), "GET", "/metrics?name=a"), 400, "'name' is not known");
  EXPECT_EQ(ask_once(port(), "GET", "/metrics/x").status, 404);
}

TEST_F(Api, CapacityIsToldForOneProfileAndUnknownOnesAreRefused) {
  start();
  const auto all = json::parse(ask_once(port(), "GET", "/v1/capacity").body);
  EXPECT_EQ(all["profiles"][0]["slots"], 3);
  EXPECT_EQ(ask_once(port(), "GET", "/v1/capacity?profile=720p-h264-veryfast").status, 200);
  expect_problem(ask_once(port(), "GET", "/v1/capacity?profile=cinema"), 400, "720p-h264-veryfast");
  expect_problem(ask_once(port(), "GET", "/v1/capacity?profil=x"), 400, "profil");
}

}  // namespace
}  // namespace millrace::test
