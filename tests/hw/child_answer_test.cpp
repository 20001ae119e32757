#include "hw/child_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace millrace::hw {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using namespace std::chrono_literals;

// What a shell script says.
ChildAnswer ask(const std::string& script, std::chrono::milliseconds limit = 60s) {
  return ask_child("/bin/sh", {"-c", script}, limit);
}

TEST(ChildAnswer, IsWhatWasWrittenToItsDescriptor) {
  const ChildAnswer answer = ask("echo chatter; echo more >&2; printf 'the answer' >&3");
  EXPECT_EQ(answer.text, "the answer");
  EXPECT_THAT(answer.trouble, IsEmpty());
}

TEST(ChildAnswer, MayBeLongerThanAPipeHolds) {
  EXPECT_EQ(ask("head -c 300000 /dev/zero >&3").text.size(), 300'000U);
}

TEST(ChildAnswer, TellsHowItEndedOtherwise) {
  EXPECT_EQ(ask("printf half >&3; exit 3").trouble, "ended with code 3");
  EXPECT_EQ(ask("kill -SEGV $$").trouble, "died of signal 11 (Segmentation fault)");
  EXPECT_THAT(ask_child("/nowhere/program", {}, 60s).trouble, StartsWith("cannot be started: No such file"));
}

TEST(ChildAnswer, IsNotWaitedForLongerThanAllowed) {
  EXPECT_EQ(ask("printf half >&3; kill -STOP $$", 50ms).trouble, "did not answer within 0.05 s");
}

TEST(ChildAnswer, TheWholeGroupGoesWhenTheTimeIsOver) {
  // The grandchild stops itself with the pipe open. Afterwards it is gone, or a zombie where nobody reaps.
  ChildAnswer answer;
  for (auto limit = 1500ms; answer.text.empty() && limit < 90s;
       limit *= 4)  // till the shell has begun in time
    answer = ask("(kill -STOP $(exec sh -c 'echo $PPID')) & printf %s $! >&3", limit);
  EXPECT_THAT(answer.trouble, HasSubstr("did not answer"));
  ASSERT_THAT(answer.text, Not(IsEmpty()));
  const std::string state = "$(cut -d' ' -f3 /proc/" + answer.text + "/stat 2>/dev/null)";
  EXPECT_EQ(ask("until case " + state + " in ''|Z) true;; *) false;; esac; do :; done; printf gone >&3").text,
            "gone");
}

TEST(ChildAnswer, TheChildHasNoOtherDescriptors) {
  EXPECT_EQ(ask("for fd in /proc/self/fd/*; do [ ${fd##*/} -gt 3 ] && [ -e $fd ] && printf '%s ' $fd >&3; "
                "done; exit 0")
                .text,
            "");
}

}  // namespace
}  // namespace millrace::hw
