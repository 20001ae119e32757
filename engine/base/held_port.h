// HeldPort: a TCP port of 127.0.0.1 that nobody listens on, so that connections to it are refused. While it
// lives a server that asks for its number gets it (if it reuses addresses, as ours do), and nobody is given
// it who asks for any port.
#pragma once

#include <cstdint>

#include "engine/base/status.h"
#include "engine/base/unique_fd.h"

namespace millrace::engine {

class HeldPort {
 public:
  // errno_status() where the machine gives none.
  static Result<HeldPort> take();

  std::uint16_t number() const { return number_; }

 private:
  HeldPort(UniqueFd socket, std::uint16_t number);

  UniqueFd socket_;
  std::uint16_t number_;
};

}  // namespace millrace::engine
