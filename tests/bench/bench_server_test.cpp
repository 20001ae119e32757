#include "bench/bench_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <csignal>

#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using engine::Result;
using engine::Status;
using ::testing::HasSubstr;

// Serves /readyz where --listen says, until SIGINT; CODE is its exit code then.
constexpr const char* kFakeServe = R"(exec python3 -c '
import http.server, signal, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()
def end(*_):
    sys.exit(CODE)
signal.signal(signal.SIGINT, end)
port = int(sys.argv[sys.argv.index("--listen") + 1].split(":")[1])
http.server.HTTPServer(("127.0.0.1", port), Answer).serve_forever()
' "$@")";

std::string fake_serve(int code) {
  std::string text = kFakeServe;
  return text.replace(text.find("CODE"), 4, std::to_string(code));
}

TEST(BenchServer, TheCommandServesOneJobAtATimeOnLoopback) {
  EXPECT_EQ(shell_text(serve_command("millrace", 1234, "/t/data", "/media")),
            "millrace serve --listen 127.0.0.1:1234 --data /t/data --media-root /media --no-auth "
            "--max-running-jobs 1");
  EXPECT_THAT(shell_text(serve_command("millrace", 1234, "/t/data", "/media", 2)),
              HasSubstr("--max-running-jobs 2"));
  EXPECT_TRUE(shell_text(serve_command("millrace", 1234, "/t/data", "/media", 2, {"--patience", "3"}))
                  .ends_with("--max-running-jobs 2 --patience 3"));
}

TEST(BenchServer, StartsOnceReadyAndStops) {
  const Scripts scripts;
  const std::string program = scripts.program("millrace", fake_serve(0));
  const StopFlag stop;
  Result<BenchServer> server = BenchServer::start(program, "/media", scripts.folder(), stop);
  ASSERT_TRUE(server.ok()) << server.status().message();
  EXPECT_THAT(server->url(), HasSubstr("http://127.0.0.1:"));
  const Status status = server->stop();
  EXPECT_TRUE(status.ok()) << status.message();
}

TEST(BenchServer, KilledItIsGoneAndAnotherStarts) {
  const Scripts scripts;
  const std::string program = scripts.program("millrace", fake_serve(0));
  const StopFlag stop;
  for (int life = 0; life < 2; ++life) {
    Result<BenchServer> server = BenchServer::start(program, "/media", scripts.folder(), stop);
    ASSERT_TRUE(server.ok()) << server.status().message();
    const pid_t pid = server->pid();
    server->kill();
    EXPECT_NE(::kill(pid, 0), 0);
  }
}

TEST(BenchServer, AnEndWithAnotherCodeIsTold) {
  const Scripts scripts;
  const std::string program = scripts.program("millrace", fake_serve(3));
  const StopFlag stop;
  Result<BenchServer> server = BenchServer::start(program, "/media", scripts.folder(), stop);
  ASSERT_TRUE(server.ok()) << server.status().message();
  EXPECT_EQ(server->stop().message(), "millrace serve ended with code 3");
}

TEST(BenchServer, OneThatEndsAtOnceIsToldWithItsLog) {
  const Scripts scripts;
  const std::string program = scripts.program("millrace", "echo the data folder is in use >&2; exit 1");
  const StopFlag stop;
  const Result<BenchServer> server = BenchServer::start(program, "/media", scripts.folder(), stop);
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(server.status().message(), HasSubstr("did not get ready"));
  EXPECT_THAT(server.status().message(), HasSubstr("the data folder is in use"));
}

TEST(BenchServer, AStopEndsTheWaitForIt) {
  const Scripts scripts;
  const std::string program = scripts.program("millrace", "exec sleep 1000");
  StopFlag stop;
  stop.request();
  EXPECT_EQ(BenchServer::start(program, "/media", scripts.folder(), stop).status().code(),
            engine::Code::cancelled);
}

}  // namespace
}  // namespace millrace::bench
