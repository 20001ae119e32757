// A job's record as JSON: `stored` is what the store keeps, `shown` what clients see (GET /v1/jobs/{id}).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "engine/job/job.h"

namespace millrace::engine {

std::string stored_text(const Job& job);
Result<Job> job_from_stored(std::string_view text);

// Full form: id, state, priority, created/started/finished (RFC 3339 or null), waiting_for,
// cancelled_outputs, spec, tags, progress {phase, done, speed, eta_seconds, media_seconds, outputs},
// attempts, plan, receipt, error {code, message}, links. Short form for lists: no plan, receipt or
// spec.outputs detail.
nlohmann::ordered_json shown_json(const Job& job);
nlohmann::ordered_json shown_json_short(const Job& job);
nlohmann::ordered_json to_json(const Progress& progress);
nlohmann::ordered_json to_json(const Retry& retry);  // as in an attempt

// "2026-11-20T21:06:00.123Z" of milliseconds since 1970.
std::string rfc3339(std::int64_t milliseconds);
std::int64_t now_milliseconds();

}  // namespace millrace::engine
