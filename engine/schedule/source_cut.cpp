#include "engine/schedule/source_cut.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <vector>

#include "engine/base/file.h"

namespace millrace::engine {

namespace fs = std::filesystem;

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

Status copy_beginning(const fs::path& from, const fs::path& to, std::int64_t bytes) {
  std::ifstream in(from, std::ios::binary);
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  std::vector<char> buffer(1 << 20);
  while (bytes > 0 && in && out) {
    in.read(buffer.data(), std::min<std::int64_t>(bytes, std::ssize(buffer)));
    out.write(buffer.data(), in.gcount());
    bytes -= in.gcount();
  }
  out.close();
  if (out && bytes == 0) return {};
  return {Code::io_error,
          fmt::format("{}: its beginning cannot be copied to {}", from.native(), to.native())};
}

}  // namespace

bool is_same_failure(const Status& a, const Status& b) {
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

std::string SourceCut::note() const {
  const auto kept = std::ssize(bytes);
  return kept == source_size ? "whole: its beginning alone does not fail so"
                             : fmt::format("its first {} bytes of {}", kept, source_size);
}

Result<std::optional<SourceCut>> cut_source(const CutSearch& search, const std::stop_token& stop) {
  std::error_code error;
  const auto size = static_cast<std::int64_t>(fs::file_size(search.source, error));
  if (error) return errno_status(error.value(), "cannot read", search.source.native());
  if (Status s = make_directories(search.folder); !s.ok()) return s;
  const fs::path part = search.folder / search.source.filename();
  Status broken;
  const auto fails = [&](std::int64_t bytes) {
    if (!broken.ok() || stop.stop_requested()) return false;
    broken = copy_beginning(search.source, part, bytes);
    if (!broken.ok()) return false;
    const bool same = is_same_failure(search.run(part.native()), search.failure);
    if (!stop.stop_requested()) search.tried(bytes, same);
    return same;
  };
  const std::int64_t longest = std::min(size, search.most_bytes);
  SourceCut cut;
  cut.source_size = size;
  const bool found = longest == size || fails(longest);
  if (found) {
    const std::int64_t bytes = smallest_that_fails(longest, search.most_tries, fails);
    if (broken.ok()) broken = copy_beginning(search.source, part, bytes);
    Result<std::string> content = broken.ok() ? read_file(part) : Result<std::string>(broken);
    broken = content.status();
    if (content.ok()) cut.bytes = std::move(*content);
  }
  const Status removed = remove_tree(search.folder);
  if (!broken.ok()) return broken;
  if (!removed.ok()) return removed;
  return found ? std::optional(std::move(cut)) : std::nullopt;
}

}  // namespace millrace::engine
