#include "server/auth/token_book.h"

#include <gmock/gmock.h>

#include "engine/base/sha256.h"
#include "tests/server/running_server.h"

namespace millrace::server {
namespace {

using testing::HasSubstr;
using testing::Not;

class TokenBookTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = engine::Store::open(folder_ / "store");
    ASSERT_TRUE(opened.ok()) << to_string(opened.status());
    store_ = std::move(*opened);
  }
  test::TempFolder folder_;
  std::unique_ptr<engine::Store> store_;
};

TEST_F(TokenBookTest, MakesOneTokenAndKeepsOnlyItsDigest) {
  auto book = TokenBook::open(*store_);
  ASSERT_TRUE(book.ok());
  const auto first = (*book)->make_first();
  ASSERT_TRUE(first.has_value());
  const std::string token = *first;
  EXPECT_FALSE((*book)->make_first().has_value());
  EXPECT_TRUE((*book)->accepts("Bearer " + token));
  EXPECT_TRUE(store_->values("tokens")->empty()) << "nobody may have seen it yet";
  ASSERT_TRUE((*book)->keep_first().ok());

  const auto entries = store_->values("tokens");
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ(entries->begin()->first, engine::sha256_of(token));
  EXPECT_THAT(entries->begin()->second, Not(HasSubstr(token)));

  const auto next_start = TokenBook::open(*store_);
  EXPECT_TRUE((*next_start)->accepts("Bearer " + token));
  EXPECT_FALSE((*next_start)->make_first().has_value());
}

TEST_F(TokenBookTest, AcceptsNothingElse) {
  auto book = TokenBook::open(*store_);
  EXPECT_FALSE((*book)->accepts("Bearer "));
  const std::string token = *(*book)->make_first();
  for (const std::string& header :
       {std::string(), token, std::string("Bearer"), "Bearer " + token + "0", "Basic " + token,
        "Bearer " + token.substr(1), "Bearer " + engine::sha256_of(token)})
    EXPECT_FALSE((*book)->accepts(header)) << header;
  EXPECT_TRUE((*book)->accepts("bearer  " + token));
}

class Auth : public test::RunningServer {};

TEST_F(Auth, IsAskedForEverywhereButWhereItIsNot) {
  auto store = engine::Store::open(folder_ / "store");
  ASSERT_TRUE(store.ok());
  start(store->get());
  ASSERT_TRUE(server_->first_token());
  const std::string header = "Authorization: Bearer " + *server_->first_token() + "\r\n";
  for (const char* path : {"/v1/jobs", "/v1/hardware", "/v1/events", "/v1/openapi.json", "/v1/jobs/x/files/y",
                           "/metrics", "/nowhere"}) {
    const test::Answer answer = test::ask_once(port(), "GET", path);
    EXPECT_EQ(answer.status, 401) << path;
    EXPECT_EQ(answer.header("www-authenticate"), "Bearer realm=\"millrace\"");
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  }
  EXPECT_EQ(test::ask_once(port(), "POST", "/v1/jobs", "", "{}").status, 401);
  EXPECT_EQ(jobs_.submits(), 0);
  for (const char* path : {"/", "/healthz", "/readyz"})
    EXPECT_EQ(test::ask_once(port(), "GET", path).status, 200);
  EXPECT_EQ(test::ask_once(port(), "GET", "/v1/jobs", header).status, 200);
  EXPECT_EQ(test::ask_once(port(), "GET", "/v1/jobs", "Authorization: Bearer wrong\r\n").status, 401);
  EXPECT_EQ(test::ask_once(port(), "GET", "/v1/jobs", header + header).status, 400);
  // The server must go before the store that it reads.
  server_.reset();
}

}  // namespace
}  // namespace millrace::server
