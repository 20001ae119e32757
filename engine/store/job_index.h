// JobIndex: where a job is listed: the entries of queue, states and tags that point to it. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/job/job.h"
#include "engine/store/database.h"

namespace millrace::engine {

using JobIndex = std::vector<std::pair<Family, std::string>>;
JobIndex index_of(const Job& job);

}  // namespace millrace::engine
