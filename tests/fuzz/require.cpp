#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/job/json_text.h"
#include "tests/fuzz/targets.h"

namespace millrace::test {

void overwrite(const std::filesystem::path& file, std::string_view bytes) {
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  if (!stream.is_open()) stream.open(file, std::ios::binary | std::ios::out);
  stream.write(bytes.data(), std::ssize(bytes));
  stream.close();
  require(stream.good(), "the temporary folder has room");
  std::filesystem::resize_file(file, bytes.size());
}

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
