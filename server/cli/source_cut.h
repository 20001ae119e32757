// Whether two failures are the same one, and how little of a source still fails. Pure.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/base/status.h"

namespace millrace::server {

// The same code and the same sentence, but for figures, the folders of paths, and the last words of a worker
// that died: those differ from run to run.
bool is_same_failure(const engine::Status& a, const engine::Status& b);

// A number of bytes from the beginning with which it fails, found by halving: `fails` is asked at most
// `most_tries` times and is known to hold for `size`. The smallest where more bytes never mend what fewer
// break; else a small one.
std::int64_t smallest_that_fails(std::int64_t size, int most_tries,
                                 const std::function<bool(std::int64_t bytes)>& fails);

}  // namespace millrace::server
