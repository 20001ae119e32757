// Events as text of text/event-stream (HTML standard, "Server-sent events"). Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/store/store.h"

namespace millrace::server {

// "id: 7\nevent: segment\ndata: {...}\n\n". The data is the event's own object with job_id put in.
std::string sse_frame(const engine::Event& event);

// True for the types after which a job's stream has nothing more to tell: completed, failed, cancelled,
// deleted.
bool ends_a_job(std::string_view type);

}  // namespace millrace::server
