#include <fmt/format.h>

#include <optional>
#include <string>

#include "engine/work/line_reader.h"
#include "engine/work/protocol.h"
#include "tests/fuzz/targets.h"

namespace millrace::test {
namespace {

constexpr std::size_t kLongestLine = 1 << 16;

std::string_view without_newline(std::string_view line) {
  require(line.find('\n') == line.size() - 1, "a message is one line");
  return line.substr(0, line.size() - 1);
}

void to_worker(std::string_view line) {
  const auto message = engine::to_worker_from(line);
  if (!message.ok()) return require(!message.status().message().empty(), "a refusal says why");
  const auto written = engine::line_of(*message);
  require(written.ok(), "what was JSON can be JSON again");
  const auto again = engine::to_worker_from(without_newline(*written));
  require(again.ok(), fmt::format("a message to a worker comes back: {}", again.status().message()));
  require(engine::line_of(*again).value_or("") == *written, "a message to a worker stays the same");
}

void from_worker(std::string_view line) {
  const auto message = engine::from_worker_from(line);
  if (!message.ok()) return require(!message.status().message().empty(), "a refusal says why");
  const std::string written = engine::line_of(*message);
  const auto again = engine::from_worker_from(without_newline(written));
  require(again.ok(), fmt::format("a worker's message comes back: {}", again.status().message()));
  require(engine::line_of(*again) == written, "a worker's message stays the same");
}

}  // namespace

void fuzz_protocol(std::string_view bytes) {
  engine::LineReader lines(kLongestLine);
  // As a socket gives them: in pieces that know nothing of lines.
  const std::size_t middle = bytes.size() / 2;
  for (const std::string_view piece : {bytes.substr(0, middle), bytes.substr(middle)}) {
    if (!lines.add(piece).ok()) return;
    while (const std::optional<std::string> line = lines.next()) {
      to_worker(*line);
      from_worker(*line);
    }
  }
  to_worker(lines.rest());
  from_worker(lines.rest());
}

}  // namespace millrace::test
