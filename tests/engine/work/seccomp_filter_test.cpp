#include "engine/work/seccomp_filter.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace millrace::engine {
namespace {

constexpr int kSelf = 4711;
constexpr std::uint32_t kAllowed = SECCOMP_RET_ALLOW;
constexpr std::uint32_t kNotPermitted = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kNoSuchCall = SECCOMP_RET_ERRNO | ENOSYS;

// What a kernel does with the program: the few instructions of classic BPF that it is made of.
std::uint32_t decide(const std::vector<sock_filter>& program, const seccomp_data& call) {
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& each = program[at];
    switch (each.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&call) + each.k, sizeof accumulator);
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += accumulator == each.k ? each.jt : each.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += accumulator >= each.k ? each.jt : each.jf;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        at += (accumulator & each.k) != 0 ? each.jt : each.jf;
        break;
      case BPF_RET | BPF_K:
        return each.k;
      default:
        ADD_FAILURE() << "an instruction that nobody expects: " << each.code;
        return 0;
    }
  }
  ADD_FAILURE() << "ran off its end";
  return 0;
}

class SeccompFilter : public testing::Test {
 protected:
  void SetUp() override {
    utsname system{};
    ::uname(&system);
    machine_ = system.machine;
    audit_ = machine_ == "x86_64" ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64;
    if (seccomp_program(machine_, false, kSelf).empty()) GTEST_SKIP() << machine_ << " has no filter";
  }
  std::uint32_t ask(long number, std::uint64_t first_argument = 0, bool network = false) const {
    seccomp_data call{};
    call.nr = static_cast<int>(number);
    call.arch = audit_;
    call.args[0] = first_argument;
    return decide(seccomp_program(machine_, network, kSelf), call);
  }
  std::string machine_;
  std::uint32_t audit_ = 0;
};

TEST_F(SeccompFilter, LetsMediaWorkGoOn) {
  for (const long call :
       {SYS_read, SYS_write, SYS_openat, SYS_mmap, SYS_futex, SYS_fsync, SYS_renameat2, SYS_exit_group,
        SYS_sendto, SYS_recvfrom, SYS_getrusage, SYS_prctl, SYS_sched_getaffinity})
    EXPECT_EQ(ask(call), kAllowed) << call;
}

TEST_F(SeccompFilter, RefusesWhatLeadsOutOfTheTask) {
  for (const long call :
       {SYS_execve,     SYS_ptrace,   SYS_process_vm_writev, SYS_io_uring_setup,     SYS_bpf,
        SYS_mount,      SYS_setns,    SYS_unshare,           SYS_open_by_handle_at,  SYS_keyctl,
        SYS_fchmodat,   SYS_fchownat, SYS_setxattr,          SYS_pidfd_getfd,        SYS_tkill,
        SYS_kexec_load, SYS_reboot,   SYS_setpriority,       SYS_sched_setscheduler, SYS_sched_setattr})
    EXPECT_EQ(ask(call), kNotPermitted) << call;
}

TEST_F(SeccompFilter, ThreadsYesProcessesNo) {
  EXPECT_EQ(ask(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND), kAllowed);
  EXPECT_EQ(ask(SYS_clone, SIGCHLD), kNotPermitted);
  EXPECT_EQ(ask(SYS_clone3), kNoSuchCall);
  if (machine_ != "x86_64") return;
  EXPECT_EQ(ask(57 /*fork*/), kNotPermitted);
}

TEST_F(SeccompFilter, SignalsReachNobodyElse) {
  for (const long call : {SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo}) {
    EXPECT_EQ(ask(call, kSelf), kAllowed);
    EXPECT_EQ(ask(call, 1), kNotPermitted);
    EXPECT_EQ(ask(call, static_cast<std::uint64_t>(-kSelf)), kNotPermitted);
  }
  EXPECT_EQ(ask(SYS_prlimit64, 0), kAllowed);
  EXPECT_EQ(ask(SYS_prlimit64, 1), kNotPermitted);
}

TEST_F(SeccompFilter, SocketsOnlyForTheNetworkAndOnlyToCall) {
  EXPECT_EQ(ask(SYS_socket, AF_INET), kNotPermitted);
  EXPECT_EQ(ask(SYS_connect), kNotPermitted);
  EXPECT_EQ(ask(SYS_socket, AF_INET, true), kAllowed);
  EXPECT_EQ(ask(SYS_socket, AF_INET6, true), kAllowed);
  EXPECT_EQ(ask(SYS_connect, 0, true), kAllowed);
  for (const int family : {AF_UNIX, AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK})
    EXPECT_EQ(ask(SYS_socket, static_cast<std::uint64_t>(family), true), kNotPermitted) << family;
  EXPECT_EQ(ask(SYS_listen, 0, true), kNotPermitted);
  EXPECT_EQ(ask(SYS_bind, 0, true), kNotPermitted);
}

TEST_F(SeccompFilter, CallsThatItDoesNotKnowAreNotThere) {
  EXPECT_EQ(ask(451), kAllowed);
  EXPECT_EQ(ask(452), kNoSuchCall);
  EXPECT_EQ(ask(0x40000000 + 59), kNoSuchCall) << "x32";
}

TEST_F(SeccompFilter, AnotherKindOfMachineEndsTheProcess) {
  seccomp_data call{};
  call.nr = SYS_read;
  call.arch = AUDIT_ARCH_I386;
  EXPECT_EQ(decide(seccomp_program(machine_, false, kSelf), call), SECCOMP_RET_KILL_PROCESS);
  EXPECT_TRUE(seccomp_program("riscv64", false, kSelf).empty());
}

}  // namespace
}  // namespace millrace::engine
