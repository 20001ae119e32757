#include "engine/pipeline/http_bytes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>

#include "engine/base/held_port.h"
#include "engine/pipeline/http_transfer.h"
#include "tests/support/web_server.h"

namespace millrace::engine {
namespace {

using std::chrono::milliseconds;
using test::answer;
using test::file_answer;
using test::WebAnswer;
using test::WebRequest;
using test::WebServer;
using testing::HasSubstr;
using testing::Not;

// A server on a busy machine is waited for, except where a test is about giving up.
constexpr std::chrono::minutes kPatience{2};
const HttpLimits kPatient{kPatience, kPatience, milliseconds(1), 4};
const HttpLimits kImpatient{kPatience, milliseconds(300), milliseconds(1), 4};

std::string some_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

class HttpBytesTest : public testing::Test {
 protected:
  Result<std::unique_ptr<HttpBytes>> open(const std::string& url, const HttpLimits& limits = kPatient) {
    return HttpBytes::open(*NetworkUrl::parse(url), allowed_, {}, 0, limits);
  }
  Result<std::string> whole(const std::string& url, const HttpLimits& limits = kPatient) {
    auto bytes = open(url, limits);
    if (!bytes.ok()) return bytes.status();
    return read_resource(**bytes, 64 << 20);
  }
  Status refusal(const std::string& url, const HttpLimits& limits = kPatient) {
    const auto bytes = whole(url, limits);
    EXPECT_FALSE(bytes.ok());
    return bytes.ok() ? Status() : bytes.status();
  }

  const AddressRules allowed_ = *AddressRules::of({"127.0.0.1"});
  const std::string body_ = some_bytes(1'500'000);
};

TEST_F(HttpBytesTest, ReadsAResourceWholeAndInPlaces) {
  const WebServer server([&](const WebRequest& request) { return file_answer(request, body_); });
  EXPECT_EQ(*whole(server.url("/a")), body_);
  auto bytes = open(server.url("/a"));
  ASSERT_TRUE(bytes.ok()) << to_string(bytes.status());
  EXPECT_EQ((*bytes)->size(), 1'500'000);
  EXPECT_EQ(*(*bytes)->peek(16), body_.substr(0, 16));
  for (const std::int64_t place : {1'400'000, 3, 200'000, 199'999, 0}) {
    ASSERT_TRUE((*bytes)->seek(place).ok());
    char read[100] = {};
    std::size_t got = 0;
    while (got < sizeof read) got += *(*bytes)->read({read + got, sizeof read - got});
    EXPECT_EQ(std::string(read, sizeof read), body_.substr(static_cast<std::size_t>(place), sizeof read))
        << place;
  }
}

TEST_F(HttpBytesTest, ReadsPlacesFromAServerThatKnowsNoRanges) {
  const WebServer server([&](const WebRequest& request) { return file_answer(request, body_, false); });
  auto bytes = open(server.url("/a"));
  ASSERT_TRUE(bytes.ok());
  ASSERT_TRUE((*bytes)->seek(1'499'990).ok());
  EXPECT_EQ(*read_resource(**bytes, 100), body_.substr(1'499'990));
}

TEST_F(HttpBytesTest, GoesOnWhereAConnectionBroke) {
  const WebServer server([&](const WebRequest& request) {
    WebAnswer part = file_answer(request, body_);
    part.bytes.resize(std::min<std::size_t>(part.bytes.size(), 400'000));
    return part;
  });
  EXPECT_EQ(*whole(server.url("/a")), body_);
  ASSERT_GE(server.requests().size(), 4U);
  EXPECT_GT(server.requests()[1].first, 300'000);
}

TEST_F(HttpBytesTest, NeverTakesATruncatedDownloadForAWholeOne) {
  const WebServer server([&](const WebRequest& request) {
    if (request.first > 0) return answer("503 Service Unavailable", "Content-Length: 0\r\n", "");
    WebAnswer part = file_answer(request, body_);
    part.bytes.resize(700'000);
    return part;
  });
  const Status status = refusal(server.url("/a"));
  EXPECT_EQ(status.code(), Code::io_error);
  EXPECT_THAT(status.message(), HasSubstr("503"));
}

TEST_F(HttpBytesTest, NoticesChunksThatEndTooEarly) {
  std::atomic<bool> cut = true;
  const WebServer server([&](const WebRequest&) {
    return answer("200 OK", "Transfer-Encoding: chunked\r\n",
                  cut ? "5\r\nhello\r\n" : "5\r\nhello\r\n0\r\n\r\n");
  });
  EXPECT_EQ(refusal(server.url("/a")).code(), Code::io_error);
  cut = false;
  EXPECT_EQ(*whole(server.url("/a")), "hello");
}

TEST_F(HttpBytesTest, RefusesAnAnswerWhoseEndCannotBeTold) {
  const WebServer server([&](const WebRequest&) { return answer("200 OK", "", "hello"); });
  const Status status = refusal(server.url("/a"));
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_THAT(status.message(), HasSubstr("Content-Length"));
}

TEST_F(HttpBytesTest, NoticesAFileThatChanges) {
  const WebServer server([&](const WebRequest& request) {
    WebAnswer part = file_answer(request, request.first > 0 ? body_ + "more" : body_);
    part.bytes.resize(std::min<std::size_t>(part.bytes.size(), 700'000));
    return part;
  });
  const Status status = refusal(server.url("/a"));
  EXPECT_EQ(status.code(), Code::corrupt_input);
  EXPECT_THAT(status.message(), HasSubstr("changed"));
}

TEST_F(HttpBytesTest, GivesUpOnAServerThatStopsSending) {
  const WebServer server([&](const WebRequest& request) {
    WebAnswer part = file_answer(request, body_);
    part.bytes.resize(1000);
    part.hang = true;
    return part;
  });
  const Status status = refusal(server.url("/a"), kImpatient);
  EXPECT_EQ(status.code(), Code::io_error);
  EXPECT_THAT(status.message(), HasSubstr("next to nothing"));
}

TEST_F(HttpBytesTest, EndsOnAStopRequest) {
  std::stop_source stop;
  const WebServer server([&](const WebRequest& request) {
    WebAnswer part = file_answer(request, body_);
    part.bytes.resize(50'000);
    part.hang = true;
    stop.request_stop();
    return part;
  });
  const auto bytes =
      HttpBytes::open(*NetworkUrl::parse(server.url("/a")), allowed_, stop.get_token());  // with patience
  EXPECT_EQ(bytes.status().code(), Code::cancelled);
}

TEST_F(HttpBytesTest, TellsWhatTheServerRefuses) {
  std::string status = "404 Not Found";
  const WebServer server([&](const WebRequest&) { return answer(status, "Content-Length: 0\r\n", ""); });
  EXPECT_EQ(refusal(server.url("/a?key=secret")).code(), Code::not_found);
  EXPECT_THAT(refusal(server.url("/a?key=secret")).message(), Not(HasSubstr("secret")));
  EXPECT_EQ(server.connections(), 2);  // no second try
  status = "403 Forbidden";
  EXPECT_EQ(refusal(server.url("/a")).code(), Code::invalid_argument);
  status = "500 Oops";
  EXPECT_EQ(refusal(server.url("/a")).code(), Code::io_error);
  EXPECT_EQ(server.connections(), 6);  // three tries
}

TEST_F(HttpBytesTest, FollowsRedirectsButNotForEver) {
  std::string there;
  const WebServer server([&](const WebRequest& request) {
    if (request.path == "/a") return test::redirect_to("/b/c");
    if (request.path == "/b/c") return test::redirect_to("../d");
    return request.path == "/d" ? file_answer(request, body_) : test::redirect_to("/loop");
  });
  EXPECT_EQ(*whole(server.url("/a")), body_);
  const Status status = refusal(server.url("/loop"));
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_THAT(status.message(), HasSubstr("redirects"));
}

TEST_F(HttpBytesTest, ConnectsToNoAddressThatIsNotAllowedNotEvenAfterARedirect) {
  const WebServer hidden([&](const WebRequest& request) { return file_answer(request, body_); }, "127.0.0.2");
  const WebServer server([&](const WebRequest&) { return test::redirect_to(hidden.url("/secret")); });
  for (const std::string& url : {hidden.url("/secret"), server.url("/a")}) {
    const Status status = refusal(url);
    EXPECT_EQ(status.code(), Code::invalid_argument);
    EXPECT_THAT(status.message(), HasSubstr("not a public address"));
  }
  EXPECT_EQ(hidden.connections(), 0);
  const WebServer to_file([&](const WebRequest&) { return test::redirect_to("file:///etc/hostname"); });
  EXPECT_EQ(refusal(to_file.url("/a")).code(), Code::invalid_argument);
}

// The address that a name turns out to have counts, not the name.
TEST_F(HttpBytesTest, LooksAtTheAddressThatANameHas) {
  const WebServer server([&](const WebRequest& request) { return file_answer(request, body_); });
  std::string url = server.url("/a");
  url.replace(url.find("127.0.0.1"), 9, "localhost");
  const HttpMulti multi;
  const AddressRules none;
  HttpTransfer transfer(multi, *NetworkUrl::parse(url), none, 0, kPatience);
  while (!transfer.ended()) transfer.run(milliseconds(50));
  EXPECT_FALSE(transfer.has_head());
  EXPECT_TRUE(transfer.refused().has_value());
  EXPECT_EQ(server.connections(), 0);
  const AddressRules named = *AddressRules::of({"localhost"});
  auto bytes = HttpBytes::open(*NetworkUrl::parse(url), named, {}, 0, kPatient);
  EXPECT_TRUE(bytes.ok()) << to_string(bytes.status());
}

TEST_F(HttpBytesTest, SaysWhyThereIsNoConnection) {
  const HeldPort port = HeldPort::take().value();
  const Status status = refusal(fmt::format("http://127.0.0.1:{}/a", port.number()));
  EXPECT_EQ(status.code(), Code::io_error);
  EXPECT_THAT(status.message(), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace millrace::engine
