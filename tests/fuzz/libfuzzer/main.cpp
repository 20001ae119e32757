// libFuzzer's way into one target, which CMake names.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  millrace::test::MILLRACE_FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
