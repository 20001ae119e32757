#include "engine/schedule/client_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

const ClientWords& words() {
  static const ClientWords words("/srv/millrace", "/usr/bin/millrace");
  return words;
}

TEST(ClientWords, AJobsFileIsNamedAsClientsKnowIt) {
  EXPECT_EQ(words().of("/srv/millrace/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/out/abr/720p/init.mp4: cannot write"),
            "abr/720p/init.mp4: cannot write");
}
TEST(ClientWords, OtherPathsOfOursLoseTheirPlace) {
  EXPECT_EQ(words().of("/srv/millrace/store/x and /srv/millrace: full"), "(data)/store/x and (data): full");
  EXPECT_EQ(words().of("cannot run /usr/bin/millrace: gone"), "cannot run the worker's program: gone");
}
TEST(ClientWords, TheClientsOwnInputStays) {
  EXPECT_EQ(words().of("/media/in.mov: damaged"), "/media/in.mov: damaged");
}
TEST(ClientWords, AStatusKeepsItsCodeAndField) {
  const Status status = words().of(Status(Code::io_error, "/srv/millrace/x").at_field("input.url"));
  EXPECT_EQ(status.code(), Code::io_error);
  EXPECT_EQ(status.message(), "(data)/x");
  EXPECT_EQ(status.field(), "input.url");
  EXPECT_TRUE(words().of(Status()).ok());
}

}  // namespace
}  // namespace millrace::engine
