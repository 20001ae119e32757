// Byte ranges of RFC 9110 §14. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::server {

struct RangeAnswer {
  enum class Kind {
    whole,          // no range, one that cannot be read, or several: 200 with everything, as the RFC allows
    part,           // 206
    unsatisfiable,  // 416
  };
  Kind kind = Kind::whole;
  std::uint64_t first = 0;
  std::uint64_t length = 0;  // of the bytes to send
};

// `header` is the value of Range, empty for none: "bytes=0-99", "bytes=100-", "bytes=-50".
RangeAnswer answer_range(std::string_view header, std::uint64_t size);

}  // namespace millrace::server
