#include "engine/pipeline/http_transfer.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/web_server.h"

namespace millrace::engine {
namespace {

using std::chrono::steady_clock;
using test::file_answer;
using test::WebRequest;
using test::WebServer;

constexpr std::chrono::minutes kPatience{1};

TEST(HttpTransfer, EndsWhicheverOfItsConnectionsIsDriven) {
  const WebServer first([](const WebRequest& request) { return file_answer(request, "one"); });
  const WebServer second([](const WebRequest& request) { return file_answer(request, "two"); });
  const AddressRules rules = *AddressRules::of({"127.0.0.1"});
  const HttpMulti multi;
  HttpTransfer driven(multi, *NetworkUrl::parse(first.url("/a")), rules, 0, kPatience);
  HttpTransfer other(multi, *NetworkUrl::parse(second.url("/b")), rules, 0, kPatience);
  const auto end = steady_clock::now() + kPatience;
  while (!(driven.ended() && other.ended()) && steady_clock::now() < end)
    driven.run(std::chrono::milliseconds(100));
  ASSERT_TRUE(driven.ended());
  ASSERT_TRUE(other.ended());
  EXPECT_EQ(driven.end(), CURLE_OK);
  EXPECT_EQ(other.end(), CURLE_OK);
  EXPECT_EQ(driven.body(), "one");
  EXPECT_EQ(other.body(), "two");
}

}  // namespace
}  // namespace millrace::engine
