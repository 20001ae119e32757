#include "server/cli/source_cut.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace millrace::server {
namespace {

std::string lasting_part(std::string_view message) {
  message = message.substr(0, message.find("; its last words:"));
  std::string kept;
  while (!message.empty()) {
    const auto end = std::min(message.find(' '), message.size());
    std::string_view word = message.substr(0, end);
    if (const auto slash = word.rfind('/'); slash != std::string_view::npos) word.remove_prefix(slash + 1);
    std::copy_if(word.begin(), word.end(), std::back_inserter(kept),
                 [](unsigned char letter) { return std::isdigit(letter) == 0; });
    kept += ' ';
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return kept;
}

}  // namespace

bool is_same_failure(const engine::Status& a, const engine::Status& b) {
  return a.code() == b.code() && lasting_part(a.message()) == lasting_part(b.message());
}

std::int64_t smallest_that_fails(std::int64_t size, int most_tries,
                                 const std::function<bool(std::int64_t bytes)>& fails) {
  std::int64_t well = 0;
  std::int64_t failing = size;
  for (int tries = 0; tries < most_tries && failing - well > 1; ++tries) {
    const std::int64_t half = well + (failing - well) / 2;
    (fails(half) ? failing : well) = half;
  }
  return failing;
}

}  // namespace millrace::server
