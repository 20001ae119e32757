#include "engine/work/line_reader.h"

#include <fmt/format.h>

namespace millrace::engine {

Status LineReader::add(std::string_view bytes) {
  const std::size_t newline = bytes.find('\n');
  const std::size_t open = open_ + (newline == std::string_view::npos ? bytes.size() : newline);
  const std::size_t last = bytes.rfind('\n');
  open_ = last == std::string_view::npos ? open : bytes.size() - last - 1;
  buffer_.append(bytes);
  if (open > max_line_bytes_ || open_ > max_line_bytes_)
    return {Code::internal, fmt::format("a line is longer than {} bytes", max_line_bytes_)};
  return {};
}

std::optional<std::string> LineReader::next() {
  const std::size_t newline = buffer_.find('\n', searched_);
  if (newline == std::string::npos) {
    buffer_.erase(0, taken_);
    taken_ = 0;
    searched_ = buffer_.size();
    return std::nullopt;
  }
  std::string line = buffer_.substr(taken_, newline - taken_);
  taken_ = searched_ = newline + 1;
  return line;
}

}  // namespace millrace::engine
