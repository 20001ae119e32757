// seccomp: which system calls the calling thread, and every thread that it makes, may use from now on. There
// is no way back.
#pragma once

#include <linux/filter.h>

#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

// The filter for process `pid` on a machine that uname(2) calls so; pure. Empty: this kind of machine is not
// known.
//
// Refused with EPERM: other programs and processes, signals to anybody but itself, mounts, namespaces, keys,
// kernel modules, tracing, io_uring (which goes past filters), and what Landlock does not watch: owners,
// modes, times and attributes of files. Sockets too, but of the internet family for a task that has the
// network, and none that listens. ENOSYS: clone3, whose flags a filter cannot read (the C library uses clone
// then), and calls that are younger than this list.
std::vector<sock_filter> seccomp_program(std::string_view machine, bool network, int pid);

// For the calling process, which must have one thread and no_new_privs. unsupported for a kind of machine
// that is not known; internal when the kernel does not take the filter.
Status restrict_calls(bool network);

}  // namespace millrace::engine
