#include "engine/base/status.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace millrace::engine {
namespace {

TEST(Status, ASuccessHasNoMessageAndStaysOneUnderAName) {
  EXPECT_TRUE(Status().ok());
  EXPECT_TRUE(Status().under("/out").ok());
  EXPECT_EQ(to_string(Status()), "ok");
}

TEST(Status, UnderPutsThePlaceBeforeAndKeepsTheField) {
  const Status status = Status(Code::io_error, "cannot write").at_field("outputs[0]").under("/out/x");
  EXPECT_EQ(status.message(), "/out/x: cannot write");
  EXPECT_EQ(status.field(), "outputs[0]");
  EXPECT_EQ(to_string(status), "io_error: /out/x: cannot write");
}

TEST(Status, EveryCodeReadsBack) {
  for (const Code code :
       {Code::ok, Code::cancelled, Code::invalid_argument, Code::not_found, Code::already_exists,
        Code::unsupported, Code::resource_exhausted, Code::corrupt_input, Code::io_error, Code::device_lost,
        Code::worker_killed, Code::out_of_memory, Code::internal})
    EXPECT_EQ(code_named(name_of(code)), code) << name_of(code);
  EXPECT_EQ(code_named("fine"), std::nullopt);
}

TEST(Status, SystemErrorsFindTheirCode) {
  EXPECT_EQ(errno_status(ENOSPC, "cannot write", "/x").code(), Code::resource_exhausted);
  EXPECT_EQ(errno_status(EDQUOT, "cannot write", "/x").code(), Code::resource_exhausted);
  EXPECT_EQ(errno_status(ENOENT, "cannot open", "/x").code(), Code::not_found);
  EXPECT_EQ(errno_status(EEXIST, "cannot make", "/x").code(), Code::already_exists);
  for (const int error : {EACCES, EPERM, EROFS, EISDIR, ELOOP, ENAMETOOLONG})
    EXPECT_EQ(errno_status(error, "cannot open", "/x").code(), Code::invalid_argument) << error;
  EXPECT_EQ(errno_status(EIO, "cannot read", "/x").code(), Code::io_error);
  EXPECT_EQ(errno_status(ENOSPC, "cannot write", "/x").message(),
            "/x: cannot write: No space left on device");
}

TEST(Result, HoldsAValueOrTheReason) {
  Result<std::string> good = std::string("x");
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(*good, "x");
  EXPECT_EQ(good->size(), 1U);
  const Result<std::string> bad = Status(Code::not_found, "no x");
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.status().code(), Code::not_found);
  EXPECT_EQ(bad.value_or("y"), "y");
  const std::string taken = *std::move(good);
  EXPECT_EQ(taken, "x");
}

}  // namespace
}  // namespace millrace::engine
