#include "engine/base/work_count.h"

#include <atomic>

namespace millrace::engine {
namespace {

std::atomic<std::int64_t> count{0};

}  // namespace

void note_work() { count.fetch_add(1, std::memory_order_relaxed); }

std::int64_t work_done() { return count.load(std::memory_order_relaxed); }

}  // namespace millrace::engine
