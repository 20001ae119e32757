// The command line without media: usage, exit codes, and the client against a server of a few lines.
#include "server/cli/cli.h"

#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio.hpp>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "engine/base/held_port.h"
#include "server/cli/exit_code.h"

namespace millrace::server {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

Ran run(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  Console console{out, err, false, false};
  const int code = run_command_line(arguments, "/nowhere/millrace", console);
  return {code, out.str(), err.str()};
}

// Answers one request a connection, with the given replies in their order.
class FewLineServer {
 public:
  explicit FewLineServer(std::deque<std::string> replies)
      : replies_(std::move(replies)),
        left_(replies_.size()),
        acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}) {
    thread_ = std::jthread([this] {
      while (!replies_.empty()) {
        boost::asio::ip::tcp::socket socket(context_);
        boost::system::error_code error;
        acceptor_.accept(socket, error);
        if (error) return;
        std::string request;
        const std::size_t head =
            boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n", error);
        const auto length = request.find("Content-Length: ");
        const std::size_t body = length < head ? std::stoul(request.substr(length + 16)) : 0;
        if (request.size() < head + body)
          boost::asio::read(socket, boost::asio::dynamic_buffer(request),
                            boost::asio::transfer_exactly(head + body - request.size()), error);
        {
          const std::lock_guard lock(mutex_);
          requests_.push_back(request);
        }
        boost::asio::write(socket, boost::asio::buffer(replies_.front()), error);
        replies_.pop_front();
        left_ = replies_.size();
        left_.notify_all();
      }
    });
  }
  // A test that failed may have asked less often than there are replies: a hollow connection takes each that
  // is left.
  ~FewLineServer() {
    for (std::size_t left = left_; left > 0; left = left_) {
      boost::asio::ip::tcp::socket socket(context_);
      boost::system::error_code error;
      socket.connect(acceptor_.local_endpoint(), error);
      socket.close(error);
      left_.wait(left);
    }
  }
  std::string address() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  std::deque<std::string> replies_;
  std::atomic<std::size_t> left_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::jthread thread_;
};

std::string reply(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

std::string job(const std::string& state, const std::string& more = "") {
  return R"({"id":"01J","state":")" + state + R"(","progress":{"phase":"processing","done":0.5})" + more +
         "}";
}

class WrongUsage : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(WrongUsage, IsOneSentenceAndExitCodeTwo) {
  const Ran ran = run(GetParam());
  EXPECT_EQ(ran.code, kWrongUsage);
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(ran.err, StartsWith("millrace: "));
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, WrongUsage,
    testing::Values(
        std::vector<std::string>{}, std::vector<std::string>{"dance"}, std::vector<std::string>{"transcode"},
        std::vector<std::string>{"transcode", "a.mp4"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--ladder", "huge"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--package", "zip"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--codec", "divx"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--preset", "quick"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--device", "gpu"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--jobs", "0"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--codec", "theora"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--trim", "10"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--trim", "5:2"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--on-damage", "ignore"},
        std::vector<std::string>{"inspect", "a.mp4", "--on-damage", "ignore"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--jobs", "x"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--spec", "/nowhere/spec"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--spec", "x", "--mp4"},
        std::vector<std::string>{"transcode", "a.mp4", "-o", "/nowhere/out", "--nonsense"},
        std::vector<std::string>{"transcode", "", "-o", "/nowhere/out"}, std::vector<std::string>{"inspect"},
        std::vector<std::string>{"verify"}, std::vector<std::string>{"jobs"},
        std::vector<std::string>{"jobs", "show"}, std::vector<std::string>{"jobs", "list", "--limit", "0"},
        std::vector<std::string>{"jobs", "show", "01J", "--server", "nonsense"},
        std::vector<std::string>{"jobs", "show", "01J", "--server", "http://"},
        std::vector<std::string>{"jobs", "show", "01J", "--server", "http://h:port"},
        std::vector<std::string>{"jobs", "show", "01J", "--server", "https://h"},
        std::vector<std::string>{"serve", "--config", "/nowhere/config"},
        std::vector<std::string>{"serve", "--max-running-jobs", "0"}, std::vector<std::string>{"worker"}));

TEST(CommandLine, WrongUsageIsAlsoToldInJson) {
  const Ran ran = run({"transcode", "a.mp4", "-o", "/nowhere/out", "--json", "--ladder", "huge"});
  EXPECT_EQ(ran.code, kWrongUsage);
  const json document = json::parse(ran.out);
  EXPECT_EQ(document["exit_code"], 2);
  EXPECT_EQ(document["error"]["code"], "invalid_argument");
  EXPECT_EQ(document["error"]["field"], "--ladder");
  EXPECT_EQ(ran.err, "millrace: " + document["error"]["message"].get<std::string>() + "\n");
  EXPECT_EQ(json::parse(run({"--json", "dance"}).out)["exit_code"], 2);
}

TEST(CommandLine, HelpAndVersionAreNoFailures) {
  EXPECT_THAT(run({"--help"}).out,
              AllOf(HasSubstr("transcode"), HasSubstr("serve"), HasSubstr("Exit codes")));
  EXPECT_THAT(run({"--help"}).out, testing::Not(HasSubstr("worker")));
  EXPECT_EQ(run({"--help"}).code, kDone);
  EXPECT_EQ(run({"transcode", "--help"}).code, kDone);
  EXPECT_THAT(run({"--version"}).out, StartsWith("millrace "));
}

TEST(CommandLine, ProbeTellsTheMachine) {
  const Ran ran = run({"probe", "--json"});
  EXPECT_EQ(ran.code, kDone);
  const json document = json::parse(ran.out);
  EXPECT_GE(document["cpu"]["usable_cores"], 1);
  EXPECT_TRUE(document["budget"].contains("millicores"));
  EXPECT_THAT(run({"probe"}).out, HasSubstr("budget"));
}

TEST(CommandLine, VerifyWithoutAReceiptIsWrongUsage) {
  const Ran ran = run({"verify", "/nowhere/at/all"});
  EXPECT_EQ(ran.code, kWrongUsage);
  EXPECT_THAT(ran.err, HasSubstr("/nowhere/at/all"));
}

TEST(JobsCommand, ShowsAJobWithItsToken) {
  FewLineServer server({reply(200, job("running"))});
  const Ran ran = run({"jobs", "show", "01J", "--server", server.address(), "--token", "secret"});
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("01J"), HasSubstr("running"), HasSubstr("50 %")));
  EXPECT_THAT(server.requests()[0], AllOf(StartsWith("GET /v1/jobs/01J HTTP/1.1\r\n"),
                                          HasSubstr("Authorization: Bearer secret\r\n")));
}

TEST(JobsCommand, SubmitsWhatTheFlagsSay) {
  FewLineServer server({reply(201, job("queued"))});
  const Ran ran = run({"jobs", "submit", "file:///media/in.mov", "--ladder", "720p", "--mp4",
                       "--idempotency-key", "k", "--json", "--server", server.address()});
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_EQ(json::parse(ran.out)["id"], "01J");
  const std::string request = server.requests()[0];
  EXPECT_THAT(request, AllOf(StartsWith("POST /v1/jobs HTTP/1.1\r\n"), HasSubstr("Idempotency-Key: k\r\n")));
  const json spec = json::parse(request.substr(request.find("\r\n\r\n") + 4));
  EXPECT_EQ(spec["input"]["url"], "file:///media/in.mov");
  EXPECT_EQ(spec["outputs"][0]["ladder"][0]["height"], 720);
  EXPECT_EQ(spec["outputs"][1]["name"], "web");
}

TEST(JobsCommand, ListsJobsAndPassesTheFilter) {
  FewLineServer server(
      {reply(200, R"({"jobs":[)" + job("queued") + "," + job("failed") + R"(],"next":null})")});
  const Ran ran = run(
      {"jobs", "list", "--state", "queued", "--tag", "a=b c", "--limit", "7", "--server", server.address()});
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 2);
  EXPECT_THAT(server.requests()[0],
              StartsWith("GET /v1/jobs?limit=7&state=queued&tag=a%3Db%20c HTTP/1.1\r\n"));
}

TEST(JobsCommand, WatchEndsWithTheJob) {
  FewLineServer completed({reply(200, job("running")), reply(200, job("completed"))});
  EXPECT_EQ(run({"jobs", "watch", "01J", "--server", completed.address()}).code, kDone);
  FewLineServer failed(
      {reply(200, job("failed", R"(,"error":{"code":"io_error","message":"the disk broke"})"))});
  const Ran ran = run({"jobs", "watch", "01J", "--server", failed.address()});
  EXPECT_EQ(ran.code, kJobFailed);
  EXPECT_THAT(ran.out, HasSubstr("the disk broke"));
  FewLineServer patient({reply(200, job("completed", R"(,"attempts":[7,{"retries":[{"task":"abr/audio",)"
                                                     R"("message":"the disk stumbled"}]}])"))});
  EXPECT_THAT(run({"jobs", "watch", "01J", "--server", patient.address()}).out,
              HasSubstr("again: abr/audio: the disk stumbled"));
  FewLineServer cancelled({reply(200, job("cancelled"))});
  EXPECT_EQ(run({"jobs", "watch", "01J", "--server", cancelled.address()}).code, kCancelled);
}

TEST(JobsCommand, AsksForEveryIdAndKeepsTheFirstFailure) {
  FewLineServer server({reply(200, job("cancelled")),
                        reply(409, R"({"title":"Conflict","detail":"it is completed"})"),
                        reply(200, job("cancelled"))});
  const Ran ran = run({"jobs", "cancel", "a", "b", "c", "--json", "--server", server.address()});
  EXPECT_EQ(ran.code, kWrongUsage);
  EXPECT_THAT(ran.err, HasSubstr("b: it is completed"));
  EXPECT_EQ(json::parse(ran.out)["jobs"].size(), 3U);
  EXPECT_THAT(server.requests()[2], StartsWith("POST /v1/jobs/c/cancel HTTP/1.1\r\n"));
}

TEST(JobsCommand, CancelsOneOutput) {
  FewLineServer server({reply(200, job("running"))});
  EXPECT_EQ(run({"jobs", "cancel", "a", "--output", "web 2", "--server", server.address()}).code, kDone);
  EXPECT_THAT(server.requests()[0], StartsWith("POST /v1/jobs/a/outputs/web%202/cancel HTTP/1.1\r\n"));
  EXPECT_EQ(run({"jobs", "pause", "a", "--output", "web"}).code, kWrongUsage);
}

TEST(JobsCommand, TellsTheServersRefusals) {
  const auto code_of = [](int status, const std::string& body) {
    FewLineServer server({reply(status, body)});
    return run({"jobs", "show", "01J", "--server", server.address()});
  };
  const Ran unknown = code_of(404, R"({"title":"Not Found","detail":"no job 01J"})");
  EXPECT_EQ(unknown.code, kWrongUsage);
  EXPECT_EQ(unknown.err, "millrace: no job 01J\n");
  EXPECT_THAT(code_of(401, "{}").err, HasSubstr("--token"));
  EXPECT_EQ(code_of(503, R"({"title":"busy"})").code, kNoCapacity);
  EXPECT_EQ(code_of(500, "no JSON").code, kJobFailed);
  EXPECT_EQ(code_of(200, "<html>").code, kJobFailed);
}

// CLI11's own way lets subcommands that were not asked for read the environment after the flags.
TEST(JobsCommand, FlagsGoBeforeTheEnvironment) {
  ::setenv("MILLRACE_SERVER", "http://127.0.0.1:1", 1);
  ::setenv("MILLRACE_TOKEN", "of the environment", 1);
  FewLineServer server({reply(200, R"({"jobs":[]})"), reply(200, job("running")), reply(200, job("paused")),
                        reply(200, "{}")});
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"list"}, {"show", "01J"}, {"pause", "01J"}, {"resume", "01J"}}) {
    std::vector<std::string> line{"jobs"};
    line.insert(line.end(), command.begin(), command.end());
    for (const std::string& flag :
         {std::string("--server"), server.address(), std::string("--token"), std::string("given")})
      line.push_back(flag);
    EXPECT_EQ(run(line).code, kDone) << command.front();
    EXPECT_THAT(server.requests().back(), HasSubstr("Bearer given\r\n")) << command.front();
  }
  EXPECT_THAT(run({"jobs", "list"}).err, HasSubstr("127.0.0.1:1:"));
  ::unsetenv("MILLRACE_SERVER");
  ::unsetenv("MILLRACE_TOKEN");
}

TEST(JobsCommand, WatchesOnWhenTheServerWasAway) {
  FewLineServer server({reply(200, job("running")), reply(503, R"({"detail":"it is starting"})"), "",
                        reply(200, job("completed"))});
  EXPECT_EQ(run({"jobs", "watch", "01J", "--server", server.address()}).code, kDone);
  FewLineServer never({reply(503, R"({"detail":"it is starting"})")});
  EXPECT_EQ(run({"jobs", "watch", "01J", "--server", never.address()}).code, kNoCapacity);
}

TEST(JobsCommand, ARefusedSourceIsToldApartFromARefusedSpec) {
  const auto code_of = [](const std::string& field) {
    FewLineServer server({reply(422, R"({"detail":"no","field":")" + field + R"("})")});
    return run({"jobs", "submit", "file:///a.mov", "--server", server.address()}).code;
  };
  EXPECT_EQ(code_of("input.url"), kSourceRefused);
  EXPECT_EQ(code_of("outputs[0].ladder"), kWrongUsage);
}

TEST(JobsCommand, SaysWhereAListGoesOn) {
  FewLineServer server({reply(200, R"({"jobs":[],"next":"01K"})"), reply(200, R"({"jobs":[],"next":null})")});
  EXPECT_THAT(run({"jobs", "list", "--server", server.address()}).err, HasSubstr("--cursor 01K"));
  EXPECT_EQ(run({"jobs", "list", "--cursor", "01K", "--server", server.address()}).err, "");
  EXPECT_THAT(server.requests().back(), HasSubstr("&cursor=01K "));
}

TEST(CommandLine, NamesTheCommandThatItDoesNotKnow) {
  EXPECT_THAT(run({"transcod", "a"}).err,
              AllOf(HasSubstr("'transcod' is no command of millrace;"), HasSubstr("transcode")));
  EXPECT_THAT(run({"jobs", "lst"}).err,
              AllOf(HasSubstr("'lst' is no command of millrace jobs;"), HasSubstr("submit, list")));
  EXPECT_THAT(run({"transcode", "a", "-o", "b", "--lader", "auto"}).err,
              HasSubstr("--lader auto: not known to millrace transcode;"));
}

TEST(CommandLine, SaysThatStandardOutputIsLost) {
  std::ostringstream err;
  std::ofstream full("/dev/full");
  Console console{full, err, false, false};
  EXPECT_EQ(run_command_line({"probe"}, "/nowhere/millrace", console), kJobFailed);
  EXPECT_THAT(err.str(), HasSubstr("standard output cannot be written"));
}

TEST(JobsCommand, SaysWhenNoServerAnswers) {
  const engine::HeldPort port = engine::HeldPort::take().value();
  const std::string address = "http://127.0.0.1:" + std::to_string(port.number());
  const Ran ran = run({"jobs", "list", "--server", address});
  EXPECT_EQ(ran.code, kJobFailed);
  EXPECT_THAT(ran.err, HasSubstr(address));
}

TEST(ExitCode, FollowsTheContract) {
  using engine::Code;
  using engine::Status;
  EXPECT_EQ(exit_code_of_source(Status(Code::not_found, "")), 3);
  EXPECT_EQ(exit_code_of_source(Status(Code::device_lost, "")), 3);
  EXPECT_EQ(exit_code_of_source(Status(Code::cancelled, "")), 4);
  EXPECT_EQ(exit_code_of_source(Status(Code::resource_exhausted, "")), 5);
  EXPECT_EQ(exit_code_of_plan(Status(Code::unsupported, "")), 3);
  EXPECT_EQ(exit_code_of_plan(Status(Code::unsupported, "").at_field("input")), 3);
  EXPECT_EQ(exit_code_of_plan(Status(Code::invalid_argument, "").at_field("outputs[0].ladder")), 2);
  EXPECT_EQ(exit_code_of_plan(Status(Code::unsupported, "").at_field("device")), 5);
  EXPECT_EQ(exit_code_of_job(Status(Code::cancelled, "")), 4);
  EXPECT_EQ(exit_code_of_job(Status(Code::corrupt_input, "")), 3);
  EXPECT_EQ(exit_code_of_job(Status(Code::unsupported, "")), 3);
  EXPECT_EQ(exit_code_of_job(Status(Code::invalid_argument, "")), 3);
  EXPECT_EQ(exit_code_of_job(Status(Code::not_found, "")), 3);
  EXPECT_EQ(exit_code_of_job(Status(Code::resource_exhausted, "")), 5);
  EXPECT_EQ(exit_code_of_job(Status(Code::device_lost, "")), 1);
  EXPECT_EQ(exit_code_of_job(Status(Code::internal, "")), 1);
}

}  // namespace
}  // namespace millrace::server
