// LineReader cuts a stream of bytes into lines, however it arrives. Not thread safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::engine {

class LineReader {
 public:
  explicit LineReader(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  // internal once a line is longer than allowed; the stream is of no use then. Lines within `bytes` are not
  // measured: they are bounded by what the caller reads at once.
  Status add(std::string_view bytes);

  // The next whole line without its newline; nothing while there is none.
  std::optional<std::string> next();

  // What came after the last newline.
  std::string_view rest() const { return std::string_view(buffer_).substr(taken_); }

 private:
  std::size_t max_line_bytes_;
  std::string buffer_;
  std::size_t taken_ = 0;     // bytes of buffer_ that next() gave away
  std::size_t searched_ = 0;  // no newline between taken_ and here
  std::size_t open_ = 0;      // bytes that came after the last newline
};

}  // namespace millrace::engine
