#include "server/cli/exit_code.h"

#include <string_view>

namespace millrace::server {

using engine::Code;
using engine::Status;

int exit_code_of_source(const Status& status) {
  switch (status.code()) {
    case Code::ok:
      return kDone;
    case Code::cancelled:
      return kCancelled;
    case Code::resource_exhausted:
      return kNoCapacity;
    default:
      return kSourceRefused;
  }
}

int exit_code_of_plan(const Status& status) {
  const std::string_view field = status.field();
  switch (status.code()) {
    case Code::ok:
      return kDone;
    case Code::cancelled:
      return kCancelled;
    case Code::resource_exhausted:
    case Code::device_lost:
    case Code::worker_killed:
    case Code::out_of_memory:
      return kNoCapacity;
    case Code::unsupported:
      if (field == "device") return kNoCapacity;
      break;
    default:
      break;
  }
  return field.empty() || field.starts_with("input") ? kSourceRefused : kWrongUsage;
}

int exit_code_of_job(const Status& status) {
  switch (status.code()) {
    case Code::ok:
      return kDone;
    case Code::cancelled:
      return kCancelled;
    case Code::resource_exhausted:
      return kNoCapacity;
    // The plan holds by now, so what is refused still is a file that was named: the source, an image,
    // subtitles.
    case Code::corrupt_input:
    case Code::invalid_argument:
    case Code::not_found:
    case Code::unsupported:
      return kSourceRefused;
    default:
      return kJobFailed;
  }
}

}  // namespace millrace::server
