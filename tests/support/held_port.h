// HeldPort: a TCP port of 127.0.0.1 that nobody listens on, so that connections to it are refused. While it
// lives a server that asks for its number gets it (if it reuses addresses, as ours do), and nobody is given
// it who asks for any port.
#pragma once

#include <cstdint>

#include "engine/base/unique_fd.h"

namespace millrace::test {

class HeldPort {
 public:
  HeldPort();  // throws std::system_error
  std::uint16_t number() const { return number_; }

 private:
  engine::UniqueFd socket_;
  std::uint16_t number_ = 0;
};

}  // namespace millrace::test
