#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>

#include "engine/job/json_text.h"
#include "tests/fuzz/targets.h"

namespace millrace::test {

void require(bool holds, std::string_view sentence) {
  if (holds) return;
  fmt::print(stderr, "does not hold: {}\n", sentence);
  std::abort();
}

void require_refusal(const engine::Status& status) {
  const std::string& sentence = status.message();
  require(!sentence.empty(), "a refusal says why");
  require(engine::is_utf8(sentence) && engine::is_utf8(status.field()), "a refusal is UTF-8");
  const bool plain = std::none_of(sentence.begin(), sentence.end(), [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte < 0x20 || byte == 0x7f;
  });
  require(plain, fmt::format("a refusal has no control characters: {}", engine::in_quotes(sentence)));
  require(status.code() != engine::Code::internal, fmt::format("no mistake of our own: {}", sentence));
}

}  // namespace millrace::test
