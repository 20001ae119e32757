// SourceBytes gives the bytes of a source that is no local file: from a web server, or put together by a
// playlist. One thread at a time; reading blocks, but ends soon after a stop request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/status.h"

namespace millrace::engine {

class SourceBytes {
 public:
  virtual ~SourceBytes() = default;

  // Fills at most `into`; 0 only at the true end: bytes that are missing are a failure. io_error when the
  // network fails for good (asking later may work), not_found and invalid_argument for what it will never
  // give, cancelled after a stop request.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  // The place of the next read. Every source can go back to 0; others only where can_seek().
  virtual Status seek(std::int64_t position) = 0;
  virtual bool can_seek() const = 0;
  // In bytes; 0: not known.
  virtual std::int64_t size() const = 0;
};

}  // namespace millrace::engine
