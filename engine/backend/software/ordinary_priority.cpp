#include "engine/backend/software/ordinary_priority.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace millrace::engine {
namespace {

constexpr std::uint32_t kNice = 1U << CAP_SYS_NICE;

// Capabilities belong to threads; pid 0 is the calling one. Whether this changed anything.
bool set_may_nice(bool wanted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  if (((sets[0].effective & kNice) != 0) == wanted) return false;
  sets[0].effective ^= kNice;
  return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

}  // namespace

OrdinaryPriority::OrdinaryPriority() : taken_(set_may_nice(false)) {}

OrdinaryPriority::~OrdinaryPriority() {
  if (taken_) set_may_nice(true);
}

}  // namespace millrace::engine
