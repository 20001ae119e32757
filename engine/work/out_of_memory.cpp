#include "engine/work/out_of_memory.h"

#include <cxxabi.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>
#include <new>
#include <system_error>
#include <typeinfo>

namespace millrace::engine {
namespace {

std::terminate_handler before = nullptr;

// The exception that nobody caught. Threads fail with resource_unavailable_try_again where their stacks find
// no room (pthread_create(3)).
bool is_for_want_of_memory() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type == nullptr) return false;
  if (*type == typeid(std::bad_alloc)) return true;
  if (*type != typeid(std::system_error)) return false;
  try {
    std::rethrow_exception(std::current_exception());
  } catch (const std::system_error& error) {
    return error.code() == std::errc::resource_unavailable_try_again ||
           error.code() == std::errc::not_enough_memory;
  }
}

// Nothing here allocates.
[[noreturn]] void end() {
  if (!is_for_want_of_memory()) {
    before();
    ::_exit(128);  // it does not come back
  }
  rlimit data{};
  ::getrlimit(RLIMIT_DATA, &data);
  std::array<char, 128> words{};
  const int length =
      data.rlim_cur == RLIM_INFINITY
          ? std::snprintf(words.data(), words.size(), "no memory left on this machine\n")
          : std::snprintf(words.data(), words.size(), "no memory left: a task may hold %llu MiB here\n",
                          static_cast<unsigned long long>(data.rlim_cur >> 20));
  if (::write(STDERR_FILENO, words.data(), static_cast<std::size_t>(length)) < 0) ::_exit(kOutOfMemoryExit);
  ::_exit(kOutOfMemoryExit);
}

}  // namespace

void exit_when_out_of_memory() {
  const std::terminate_handler now = std::set_terminate(end);
  if (now != end) before = now;
}

}  // namespace millrace::engine
