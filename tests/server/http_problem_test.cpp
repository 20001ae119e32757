#include "server/http/problem.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace millrace::server {
namespace {

using engine::Code;
using engine::Status;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(Problem, SaysWhatRfc9457Wants) {
  Status status(Code::invalid_argument, "outputs[0].ladder: 99p is no height");
  status.at_field("outputs[0].ladder");
  const Reply reply = problem_reply(status, Asked::new_work, "/v1/jobs");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.content_type, "application/problem+json");
  EXPECT_EQ(nlohmann::json::parse(reply.body), nlohmann::json::parse(R"({
    "type": "urn:millrace:problem:invalid_argument", "title": "Unprocessable Content", "status": 422,
    "detail": "outputs[0].ladder: 99p is no height", "field": "outputs[0].ladder", "instance": "/v1/jobs"})"));
}

TEST(Problem, StatusDependsOnWhatWasAsked) {
  EXPECT_EQ(http_status_of(Code::not_found, Asked::new_work), 422);
  EXPECT_EQ(http_status_of(Code::not_found, Asked::a_job), 404);
  EXPECT_EQ(http_status_of(Code::invalid_argument, Asked::a_job), 409);
  EXPECT_EQ(http_status_of(Code::invalid_argument, Asked::a_list), 400);
  EXPECT_EQ(http_status_of(Code::unsupported, Asked::new_work), 422);
  EXPECT_EQ(http_status_of(Code::corrupt_input, Asked::new_work), 422);
  EXPECT_EQ(http_status_of(Code::already_exists, Asked::new_work), 409);
  EXPECT_EQ(http_status_of(Code::resource_exhausted, Asked::new_work), 503);
  for (const Code code : {Code::io_error, Code::internal, Code::device_lost})
    EXPECT_EQ(http_status_of(code, Asked::new_work), 500);
}

TEST(Problem, KeepsFailuresOfTheServerToTheLog) {
  const Reply broken =
      problem_reply(Status(Code::io_error, "/data/x: disk is gone"), Asked::a_job, "/v1/jobs/1");
  EXPECT_EQ(broken.status, 500);
  EXPECT_THAT(broken.body, Not(HasSubstr("/data")));
  const Reply full =
      problem_reply(Status(Code::resource_exhausted, "/data: full"), Asked::new_work, "/v1/jobs");
  EXPECT_EQ(full.status, 503);
  EXPECT_THAT(full.body, Not(HasSubstr("/data")));
  EXPECT_THAT(full.headers, Contains(Pair("Retry-After", "5")));
}

TEST(Problem, SurvivesBytesThatAreNoText) {
  const Reply reply = problem_reply(Status(Code::invalid_argument, "name \xff\xfe"), Asked::new_work, "/");
  EXPECT_TRUE(nlohmann::json::accept(reply.body));
}

}  // namespace
}  // namespace millrace::server
