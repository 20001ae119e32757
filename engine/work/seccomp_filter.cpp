#include "engine/work/seccomp_filter.h"

#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace millrace::engine {
namespace {

// Calls that only the older kind of machine has; the younger one has their successors alone.
constexpr std::array<long, 12> kOnlyX86 = {57 /*fork*/,  58 /*vfork*/,   76 /*truncate*/, 90 /*chmod*/,
                                           92 /*chown*/, 94 /*lchown*/,  132 /*utime*/,   133 /*mknod*/,
                                           172 /*iopl*/, 173 /*ioperm*/, 235 /*utimes*/,  261 /*futimesat*/};

constexpr std::array kRefused = {SYS_execve,
                                 SYS_execveat,
                                 SYS_tkill,
                                 SYS_pidfd_open,
                                 SYS_pidfd_getfd,
                                 SYS_pidfd_send_signal,
                                 SYS_ptrace,
                                 SYS_process_vm_readv,
                                 SYS_process_vm_writev,
                                 SYS_process_madvise,
                                 SYS_kcmp,
                                 SYS_perf_event_open,
                                 SYS_bpf,
                                 SYS_userfaultfd,
                                 SYS_io_uring_setup,
                                 SYS_io_uring_enter,
                                 SYS_io_uring_register,
                                 SYS_unshare,
                                 SYS_setns,
                                 SYS_mount,
                                 SYS_umount2,
                                 SYS_pivot_root,
                                 SYS_chroot,
                                 SYS_open_tree,
                                 SYS_move_mount,
                                 SYS_fsopen,
                                 SYS_fsconfig,
                                 SYS_fsmount,
                                 SYS_fspick,
                                 SYS_mount_setattr,
                                 SYS_name_to_handle_at,
                                 SYS_open_by_handle_at,
                                 SYS_fanotify_init,
                                 SYS_mknodat,
                                 SYS_truncate,
                                 SYS_fchmod,
                                 SYS_fchmodat,
                                 SYS_fchown,
                                 SYS_fchownat,
                                 SYS_utimensat,
                                 SYS_setxattr,
                                 SYS_lsetxattr,
                                 SYS_fsetxattr,
                                 SYS_removexattr,
                                 SYS_lremovexattr,
                                 SYS_fremovexattr,
                                 SYS_quotactl,
                                 SYS_acct,
                                 SYS_swapon,
                                 SYS_swapoff,
                                 SYS_init_module,
                                 SYS_finit_module,
                                 SYS_delete_module,
                                 SYS_kexec_load,
                                 SYS_kexec_file_load,
                                 SYS_reboot,
                                 SYS_settimeofday,
                                 SYS_clock_settime,
                                 SYS_clock_adjtime,
                                 SYS_adjtimex,
                                 SYS_sethostname,
                                 SYS_setdomainname,
                                 SYS_syslog,
                                 SYS_vhangup,
                                 SYS_keyctl,
                                 SYS_add_key,
                                 SYS_request_key,
                                 SYS_shmget,
                                 SYS_shmat,
                                 SYS_shmctl,
                                 SYS_semget,
                                 SYS_semctl,
                                 SYS_semop,
                                 SYS_msgget,
                                 SYS_msgsnd,
                                 SYS_msgrcv,
                                 SYS_mq_open,
                                 SYS_mq_unlink,
                                 SYS_personality,
                                 SYS_setpriority,
                                 SYS_ioprio_set,
                                 SYS_sched_setscheduler,
                                 SYS_sched_setparam,
                                 SYS_sched_setattr,
                                 SYS_migrate_pages,
                                 SYS_move_pages,
                                 SYS_bind,
                                 SYS_listen,
                                 SYS_accept,
                                 SYS_accept4};

constexpr std::array kRefusedWithoutNetwork = {SYS_socket, SYS_socketpair, SYS_connect};

// fchmodat2 (Linux 6.6) and what came after it: nothing that media work needs. Linux numbers calls alike on
// all machines from 424 on; the numbers of x32 lie far above.
constexpr std::uint32_t kFirstUnknown = 452;

struct Machine {
  std::string_view name;
  std::uint32_t audit;
  bool has_old_calls;
};
constexpr std::array kMachines = {Machine{"x86_64", AUDIT_ARCH_X86_64, true},
                                  Machine{"aarch64", AUDIT_ARCH_AARCH64, false}};

constexpr std::uint32_t kNumberAt = offsetof(seccomp_data, nr);
constexpr std::uint32_t kMachineAt = offsetof(seccomp_data, arch);
// The lower half of the first argument, where both kinds of machine keep the lower byte first.
constexpr std::uint32_t kFirstArgumentAt = offsetof(seccomp_data, args);

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t answer(int error) { return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error); }

class Program {
 public:
  void load(std::uint32_t from) { add(BPF_LD | BPF_W | BPF_ABS, from); }
  void give(std::uint32_t answer) { add(BPF_RET | BPF_K, answer); }
  void give_if(std::uint16_t test, std::uint32_t value, std::uint32_t answer) {
    jump(test, value, 0, 1);
    give(answer);
  }
  void give_unless(std::uint16_t test, std::uint32_t value, std::uint32_t answer) {
    jump(test, value, 1, 0);
    give(answer);
  }
  void refuse(long call, int error) { give_if(BPF_JEQ, static_cast<std::uint32_t>(call), answer(error)); }

  // The call is allowed when its first argument passes the test with one of the values.
  void allow_only(long call, std::uint16_t test, std::initializer_list<std::uint32_t> values) {
    const auto rest = static_cast<std::uint8_t>(2 + 2 * values.size());
    jump(BPF_JEQ, static_cast<std::uint32_t>(call), 0, rest);
    load(kFirstArgumentAt);
    for (const std::uint32_t value : values) give_if(test, value, kAllow);
    give(answer(EPERM));
  }

  std::vector<sock_filter> finish() {
    give(kAllow);
    return std::move(code_);
  }

 private:
  void add(std::uint16_t code, std::uint32_t value) { code_.push_back({code, 0, 0, value}); }
  void jump(std::uint16_t test, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false) {
    code_.push_back({static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), if_true, if_false, value});
  }

  std::vector<sock_filter> code_;
};

}  // namespace

std::vector<sock_filter> seccomp_program(std::string_view machine, bool network, int pid) {
  const Machine* known = nullptr;
  for (const Machine& each : kMachines)
    if (each.name == machine) known = &each;
  if (known == nullptr) return {};
  const auto self = static_cast<std::uint32_t>(pid);

  Program program;
  program.load(kMachineAt);
  program.give_unless(BPF_JEQ, known->audit, SECCOMP_RET_KILL_PROCESS);
  program.load(kNumberAt);
  program.give_if(BPF_JGE, kFirstUnknown, answer(ENOSYS));
  program.refuse(SYS_clone3, ENOSYS);
  for (const long call : kRefused) program.refuse(call, EPERM);
  if (known->has_old_calls)
    for (const long call : kOnlyX86) program.refuse(call, EPERM);
  if (network)
    program.allow_only(SYS_socket, BPF_JEQ, {AF_INET, AF_INET6});
  else
    for (const long call : kRefusedWithoutNetwork) program.refuse(call, EPERM);
  program.allow_only(SYS_clone, BPF_JSET, {CLONE_THREAD});
  for (const long call : {SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo})
    program.allow_only(call, BPF_JEQ, {self});
  for (const long call : {SYS_prlimit64, SYS_sched_setaffinity}) program.allow_only(call, BPF_JEQ, {0, self});
  return program.finish();
}

Status restrict_calls(bool network) {
  utsname system{};
  ::uname(&system);
  std::vector<sock_filter> code = seccomp_program(system.machine, network, ::getpid());
  if (code.empty())
    return {Code::unsupported,
            fmt::format("{}: system calls are not filtered on this kind of machine", system.machine)};
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0) return {};
  return {Code::internal, fmt::format("a worker cannot confine its system calls: {}", errno_text(errno))};
}

}  // namespace millrace::engine
