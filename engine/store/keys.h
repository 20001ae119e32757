// The key layout of the store: how ids, numbers and names become keys that sort as they are read. Pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/job/job.h"

namespace millrace::engine::keys {

// Eight bytes, the most significant first: sorts as the number does.
std::string number(std::uint64_t value);
std::optional<std::uint64_t> number_at(std::string_view key, std::size_t place);

// A job's id is the last 26 bytes of queue, state and tag keys.
std::string queue(int priority, std::string_view job_id);  // larger priorities first, then older jobs
int priority_of(std::string_view queue_key);               // 0 of a key that is none
std::string state_prefix(JobState state);
std::string state(JobState state, std::string_view job_id);
std::string tag_prefix(std::string_view tag);
std::string tag(std::string_view tag, std::string_view job_id);
std::string_view job_of(std::string_view key);

// Ledger: JOB 's' TRACK \0 INDEX for a segment, JOB 'e' TRACK for the end of a track, JOB 'l' TRACK for what
// it lost.
std::string segments_prefix(std::string_view job_id);
std::string track_prefix(std::string_view job_id, std::string_view track);
std::string segment(std::string_view job_id, std::string_view track, std::int64_t index);
std::string ends_prefix(std::string_view job_id);
std::string end(std::string_view job_id, std::string_view track);
std::string lost_prefix(std::string_view job_id);
std::string lost(std::string_view job_id, std::string_view track);

// Documents: JOB 'p' for its plan, JOB 'r' for its receipt.
std::string plan(std::string_view job_id);
std::string receipt(std::string_view job_id);

// The number of an event below its job.
std::string job_event(std::string_view job_id, std::uint64_t number);

std::string value_prefix(std::string_view family);
std::string value(std::string_view family, std::string_view key);

// The first key after all that begin with `prefix`.
std::string after(std::string_view prefix);

}  // namespace millrace::engine::keys
