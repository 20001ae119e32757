#include "bench/bench_server.h"

#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/held_port.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using std::chrono::milliseconds;

class RealClock final : public BenchClock {
 public:
  explicit RealClock(const StopFlag& stop) : stop_(stop) {}
  std::chrono::nanoseconds now() override { return std::chrono::steady_clock::now().time_since_epoch(); }
  Status wait(milliseconds time) override {
    stop_.wait(time);
    return stop_.requested() ? Status(Code::cancelled, "stopped") : Status();
  }

 private:
  const StopFlag& stop_;
};

constexpr std::chrono::minutes kStopsWithin{1};

bool wait_for_end(const ChildProcess& process, milliseconds time) {
  pollfd waited{process.end_fd(), POLLIN, 0};
  return ::poll(&waited, 1, static_cast<int>(time.count())) > 0;
}

}  // namespace

Command serve_command(const std::string& millrace, std::uint16_t port, const std::filesystem::path& data,
                      const std::filesystem::path& media, int jobs, const std::vector<std::string>& more) {
  Command command{millrace,
                  "serve",
                  "--listen",
                  fmt::format("127.0.0.1:{}", port),
                  "--data",
                  data.string(),
                  "--media-root",
                  media.string(),
                  "--no-auth",
                  "--max-running-jobs",
                  std::to_string(jobs)};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

Result<BenchServer> BenchServer::start(const std::string& millrace, const std::filesystem::path& media,
                                       const std::filesystem::path& folder, const StopFlag& stop, int jobs,
                                       const std::vector<std::string>& more) {
  const Result<engine::HeldPort> port = engine::HeldPort::take();
  if (!port.ok()) return port.status();
  const std::filesystem::path log = folder / "serve.log";
  Result<ChildProcess> process = ChildProcess::start(
      serve_command(millrace, port->number(), folder / "data", media, jobs, more), log, log);
  if (!process.ok()) return process.status();
  BenchServer server(std::move(process).value(), fmt::format("http://127.0.0.1:{}", port->number()));
  const std::unique_ptr<Http> http = make_http_client(server.url());
  for (int look = 0; look < 3000; ++look) {
    const Result<HttpAnswer> ready = http->get("/readyz");
    if (ready.ok() && ready->status == 200) return server;
    if (wait_for_end(server.process_, milliseconds(0))) break;
    stop.wait(milliseconds(10));
    if (stop.requested()) return Status(Code::cancelled, "stopped");
  }
  const Result<std::string> text = engine::read_file(log);
  const std::string end =
      text.ok() && text->size() > 600 ? text->substr(text->size() - 600) : text.value_or("");
  return Status(Code::internal,
                "millrace serve did not get ready on " + server.url() + "; its log ends: " + end);
}

void BenchServer::kill() {
  ::kill(process_.pid(), SIGKILL);
  process_.wait();
}

Status BenchServer::stop() {
  process_.signal(SIGINT);
  if (!wait_for_end(process_, kStopsWithin)) {
    process_.signal(SIGKILL);
    process_.wait();
    return Status(Code::internal, "millrace serve did not stop within a minute of SIGINT and was killed");
  }
  return status_of_end("millrace serve", process_.wait().wait_status);
}

Result<LatencyFigures> measure_served_latency(const std::string& millrace, const LadderWork& work,
                                              const std::filesystem::path& folder, const StopFlag& stop) {
  if (Status status = engine::make_directories(folder / "data"); !status.ok()) return status;
  const std::filesystem::path media = std::filesystem::absolute(work.source.path).parent_path();
  Result<BenchServer> server = BenchServer::start(millrace, media, folder, stop);
  if (!server.ok()) return server.status();
  RealClock clock(stop);
  Result<LatencyFigures> figures =
      measure_latency(*make_http_client(server->url()), clock, latency_plan(work));
  const Status stopped = server->stop();
  if (figures.ok() && !stopped.ok()) figures->note += (figures->note.empty() ? "" : "; ") + stopped.message();
  return figures;
}

}  // namespace millrace::bench
