// Problem documents: errors as RFC 9457 wants them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "server/http/message.h"

namespace millrace::server {

// What was asked for when the failure came: the same failure means different things.
enum class Asked {
  new_work,  // a spec or a URL in the body: what it names and does not exist is the client's mistake, 422
  a_job,     // the job of the path: not_found is 404, a state that forbids the action 409
  a_list,    // query parameters: what is wrong in them is 400
};

int http_status_of(engine::Code code, Asked asked);

// {"type", "title", "status", "detail", "field", "instance"}; empty field and instance are left out. `kind`
// ends up in the type: "urn:millrace:problem:KIND". 503 carries Retry-After.
Reply problem_reply(int status, std::string_view kind, std::string_view detail,
                    std::string_view instance = {}, std::string_view field = {});

// The answer to a failure. Failures that are not the client's (500, 503) get a sentence of ours, and their
// own goes to the log: it may name paths of this machine.
Reply problem_reply(const engine::Status& status, Asked asked, std::string_view instance);

// 405 with Allow.
Reply method_not_allowed(std::string_view allow, std::string_view instance);

// 404 for a path that nothing answers at.
Reply no_such_path(std::string_view instance);

}  // namespace millrace::server
