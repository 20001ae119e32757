#include "server/api/api_server.h"

#include <gmock/gmock.h>

#include "tests/server/fake_jobs.h"
#include "tests/server/raw_client.h"

namespace millrace::server {
namespace {

TEST(ApiServer, AnswersNobodyWithoutTheSecret) {
  test::FakeJobs jobs;
  ApiConfig config;
  config.secret = "s3cret";
  const auto api = ApiServer::start(all_routes(jobs), config);
  ASSERT_TRUE(api.ok());
  const std::uint16_t port = (*api)->port();
  EXPECT_EQ(test::ask_once(port, "GET", "/v1/jobs").status, 403);
  EXPECT_EQ(test::ask_once(port, "GET", "/nowhere").status, 403);
  EXPECT_EQ(test::ask_once(port, "POST", "/v1/jobs", "X-Millrace-Secret: s3cre\r\n", "{}").status, 403);
  EXPECT_EQ(test::ask_once(port, "DELETE", "/v1/jobs", "X-Millrace-Secret: s3cret0\r\n").status, 403);
  EXPECT_EQ(jobs.submits(), 0);
  const test::Answer answer =
      test::ask_once(port, "GET", "/v1/jobs", "X-Millrace-Secret: s3cret\r\nX-Millrace-Exchange: 17\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("x-millrace-exchange"), "17");
}

}  // namespace
}  // namespace millrace::server
