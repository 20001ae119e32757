#include "server/daemon/daemon.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/temp_folder.h"

namespace millrace::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// The exit code of a daemon that must not start, and what it says.
std::pair<int, std::string> refused(const DaemonOptions& options) {
  testing::internal::CaptureStderr();
  const int code = run_daemon(options);
  return {code, testing::internal::GetCapturedStderr()};
}

TEST(Daemon, GoesWithoutTokensOnLoopbackOnly) {
  const test::TempFolder folder;
  DaemonOptions options;
  options.data = folder / "data";
  options.no_auth = true;
  for (const char* listen : {"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0"}) {
    options.listen = listen;
    const auto [code, text] = refused(options);
    EXPECT_EQ(code, 2) << listen;
    EXPECT_THAT(text, AllOf(HasSubstr("--no-auth"), HasSubstr(listen), HasSubstr("127.0.0.1")));
  }
  EXPECT_FALSE(std::filesystem::exists(options.data));
}

TEST(Daemon, WantsAnAddressThatItCanRead) {
  DaemonOptions options;
  options.listen = "8080";
  const auto [code, text] = refused(options);
  EXPECT_EQ(code, 2);
  EXPECT_THAT(text, AllOf(HasSubstr("--listen 8080"), HasSubstr("127.0.0.1:8080")));
}

TEST(Daemon, SaysThatItsFolderCannotBeMade) {
  const test::TempFolder folder;
  std::ofstream(folder / "file") << "in the way";
  DaemonOptions options;
  options.listen = "127.0.0.1:0";
  options.data = folder / "file" / "data";
  const auto [code, text] = refused(options);
  EXPECT_EQ(code, 1);
  EXPECT_THAT(text, HasSubstr((folder / "file").string()));
}

}  // namespace
}  // namespace millrace::server
