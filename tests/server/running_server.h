// RunningServer: a whole HttpServer over a fake job service, on a port of its own. Stops when the test ends.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "server/daemon/http_server.h"
#include "tests/server/fake_jobs.h"
#include "tests/server/raw_client.h"
#include "tests/support/temp_folder.h"

namespace millrace::test {

constexpr char kJob[] = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

class RunningServer : public testing::Test {
 protected:
  // Deadlines that no test runs into by itself; those that a test is about are set by it before start().
  RunningServer() : jobs_(folder_.path()) {
    limits_.header = limits_.body = limits_.idle = limits_.write = std::chrono::seconds(60);
    limits_.stop_grace = std::chrono::seconds(10);
  }

  void start(engine::Store* tokens = nullptr) {
    server::EdgeConfig config;
    config.port = 0;
    config.threads = 2;
    config.limits = limits_;
    config.local_names_only = local_names_only_;
    auto opened = server::HttpServer::open(config, jobs_, tokens);
    ASSERT_TRUE(opened.ok()) << to_string(opened.status());
    server_ = std::move(*opened);
    server_->serve();
  }
  std::uint16_t port() const { return server_->port(); }

  void write_file(const std::string& name, const std::string& content) {
    const auto path = folder_ / kJob / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
  static std::string file_url(const std::string& name) {
    return std::string("/v1/jobs/") + kJob + "/files/" + name;
  }

  TempFolder folder_;
  FakeJobs jobs_;
  server::EdgeLimits limits_;
  bool local_names_only_ = false;
  std::unique_ptr<server::HttpServer> server_;
};

}  // namespace millrace::test
