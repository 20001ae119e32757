// How little of a failed job's source still fails in the same way, for its failure bundle.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/base/status.h"
#include "engine/schedule/source_part.h"

namespace millrace::engine {

// The same code and the same sentence, but for figures, the folders of paths, and the last words of a worker
// that died: those differ from run to run.
bool is_same_failure(const Status& a, const Status& b);

// A number of bytes from the beginning with which it fails, found by halving: `fails` is asked at most
// `most_tries` times and is known to hold for `size`. The smallest where more bytes never mend what fewer
// break; else a small one.
std::int64_t smallest_that_fails(std::int64_t size, int most_tries,
                                 const std::function<bool(std::int64_t bytes)>& fails);

struct CutSearch {
  std::filesystem::path source;  // a file that is known to fail so
  std::filesystem::path folder;  // parts of it are written here under its own name; made when absent
  std::int64_t most_bytes = 0;   // longer parts are not tried
  std::optional<double> place;   // where the failure was seen, as a share of the source; none: not known
  int most_tries = 14;           // by halving: to within 128 bytes of 2 MiB
  Status failure;
  std::function<Status(const std::string& path)> run;  // what comes of the job with this source
  std::function<void(std::int64_t bytes, bool fails)> tried = [](std::int64_t, bool) {};
};

// The smallest part that was found to fail as `failure`: a beginning; where even the longest does not fail,
// one of a few parts around the place, unless one far from there fails likewise: then it fails of being cut.
// Nothing where none does. Asked to stop, it gives what it has. Blocking; the parts are gone when it returns.
struct SourceCut {
  std::string bytes;
  SourcePart part;
  std::int64_t source_size = 0;

  std::string note() const;  // "its first 4711 bytes of 9000000"
};
Result<std::optional<SourceCut>> cut_source(const CutSearch& search, const std::stop_token& stop);

}  // namespace millrace::engine
