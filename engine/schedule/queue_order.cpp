#include "engine/schedule/queue_order.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

#include "engine/base/ulid.h"

namespace millrace::engine {

std::vector<std::string> in_order(std::vector<QueuedJob> queue) {
  // When it would have come in with a priority of 0: the same at any time, so the order stands still.
  struct Place {
    std::int64_t milliseconds;
    int priority;
    std::string id;
  };
  std::vector<Place> places;
  places.reserve(queue.size());
  constexpr std::int64_t head_start = std::chrono::milliseconds(kHeadStart).count();
  for (QueuedJob& each : queue) {
    const std::int64_t came = time_of_ulid(each.id);
    places.push_back({came - each.priority * head_start, each.priority, std::move(each.id)});
  }
  std::sort(places.begin(), places.end(), [](const Place& left, const Place& right) {
    return std::tie(left.milliseconds, right.priority, left.id) <
           std::tie(right.milliseconds, left.priority, right.id);
  });
  std::vector<std::string> ids;
  ids.reserve(places.size());
  for (Place& each : places) ids.push_back(std::move(each.id));
  return ids;
}

}  // namespace millrace::engine
