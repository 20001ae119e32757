#include "engine/schedule/source_cut.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

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

using Fails = std::function<bool(const SourcePart& part)>;

// Less of a part that fails, from its end and then from its beginning.
SourcePart smaller(const CutSearch& search, SourcePart part, const Fails& fails) {
  const std::int64_t from = part.from;
  part.to = from + smallest_that_fails(part.to - from, search.most_tries, [&](std::int64_t bytes) {
              return fails({part.head, from, from + bytes});
            });
  if (from == 0) return part;
  const std::int64_t to = part.to;
  smallest_that_fails(to - from, search.most_tries, [&](std::int64_t bytes) {
    std::optional<SourcePart> later = part_from(search.source, to - bytes, search.most_bytes);
    if (!later || later->from >= to) return false;
    later->to = to;
    if (*later == part) return true;
    const bool same = fails(*later);
    if (same) part = *later;
    return same;
  });
  return part;
}

std::optional<SourcePart> part_around_place(const CutSearch& search, std::int64_t size, const Fails& fails) {
  if (!search.place) return std::nullopt;
  const std::int64_t half = search.most_bytes / 2;
  const auto place =
      static_cast<std::int64_t>(std::clamp(*search.place, 0.0, 1.0) * static_cast<double>(size));
  const std::int64_t far = place < size / 2 ? size - 2 * half : size / 8;
  if (std::abs(far - place) > 2 * half)
    if (const auto control = part_from(search.source, far, search.most_bytes); control && fails(*control))
      return std::nullopt;
  // The place is a guess: bytes do not pass as evenly as time does.
  for (const int step : {-1, -2, 0, -3, 1, -4, 2}) {
    const std::int64_t from = std::clamp<std::int64_t>(place + step * half, 1, size);
    if (const auto part = part_from(search.source, from, search.most_bytes); part && fails(*part))
      return part;
  }
  return std::nullopt;
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
  return part.bytes() == source_size ? "whole: its beginning alone does not fail so"
                                     : fmt::format("{} of {}", part.text(), source_size);
}

Result<std::optional<SourceCut>> cut_source(const CutSearch& search, const std::stop_token& stop) {
  std::error_code error;
  const auto size = static_cast<std::int64_t>(fs::file_size(search.source, error));
  if (error) return errno_status(error.value(), "cannot read", search.source.native());
  if (Status s = make_directories(search.folder); !s.ok()) return s;
  const fs::path file = search.folder / search.source.filename();
  Status broken;
  const Fails fails = [&](const SourcePart& part) {
    if (!broken.ok() || stop.stop_requested()) return false;
    broken = copy_part(search.source, part, file);
    if (!broken.ok()) return false;
    const bool same = is_same_failure(search.run(file.native()), search.failure);
    if (!stop.stop_requested()) search.tried(part.bytes(), same);
    return same;
  };
  const SourcePart longest{0, 0, std::min(size, search.most_bytes)};
  std::optional<SourcePart> found =
      longest.to == size || fails(longest) ? std::optional(longest) : part_around_place(search, size, fails);
  SourceCut cut;
  cut.source_size = size;
  if (found) {
    cut.part = smaller(search, *found, fails);
    if (broken.ok()) broken = copy_part(search.source, cut.part, file);
    Result<std::string> content = broken.ok() ? read_file(file) : Result<std::string>(broken);
    broken = content.status();
    if (content.ok()) cut.bytes = std::move(*content);
  }
  const Status removed = remove_tree(search.folder);
  if (!broken.ok()) return broken;
  if (!removed.ok()) return removed;
  return found ? std::optional(std::move(cut)) : std::nullopt;
}

}  // namespace millrace::engine
