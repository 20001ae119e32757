#include "engine/work/out_of_memory.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <csignal>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "engine/work/worker_process.h"

namespace millrace::engine {
namespace {

using testing::HasSubstr;

int exit_of(int code) { return code << 8; }  // as waitpid has it

TEST(OutOfMemory, EndsAreToldApart) {
  struct Row {
    int end;
    bool by_us;
    bool kernel_killed;
    Code code;
    const char* words;
  };
  const Row rows[] = {
      {SIGKILL, false, false, Code::worker_killed, "died of signal 9 (Killed)"},
      {SIGKILL, false, true, Code::out_of_memory, "was killed by the kernel, as memory ran out; give the"},
      {SIGKILL, true, true, Code::device_lost, "died of signal 9"},
      {SIGTERM, false, true, Code::worker_killed, "died of signal 15"},
      {SIGSEGV, false, true, Code::device_lost, "died of signal 11 (Segmentation fault)"},
      {SIGABRT, false, false, Code::device_lost, "died of signal 6"},
      {exit_of(kOutOfMemoryExit), false, false, Code::out_of_memory, "got no more memory; give the machine"},
      {exit_of(3), false, true, Code::device_lost, "exited with code 3"},
  };
  for (const Row& row : rows) {
    const Status status = status_of_end(row.end, row.by_us, row.kernel_killed);
    EXPECT_EQ(status.code(), row.code) << row.end << ": " << status.message();
    EXPECT_THAT(status.message(), HasSubstr(row.words));
    EXPECT_EQ(row.code == Code::out_of_memory, status.message().find(kMemoryAdvice) != std::string::npos);
  }
}

// Where nobody catches: on a thread of its own, as a task's threads are.
template <class Failure>
void fail_on_a_thread(const Failure& failure) {
  exit_when_out_of_memory();
  exit_when_out_of_memory();  // a second time changes nothing
  std::jthread([&] { throw failure; }).join();
}

TEST(OutOfMemoryDeathTest, WantOfMemoryIsAnExitAndAnyOtherEndStaysWhatItWas) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto exits = testing::ExitedWithCode(kOutOfMemoryExit);
  EXPECT_EXIT(fail_on_a_thread(std::bad_alloc()), exits, "no memory left");
  EXPECT_EXIT(fail_on_a_thread(std::system_error(EAGAIN, std::generic_category())), exits, "no memory left");
  const auto aborts = testing::KilledBySignal(SIGABRT);
  EXPECT_EXIT(fail_on_a_thread(std::system_error(EPERM, std::generic_category())), aborts, "");
  EXPECT_EXIT(fail_on_a_thread(std::runtime_error("torn")), aborts, "torn");
}

}  // namespace
}  // namespace millrace::engine
