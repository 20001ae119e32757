#include "engine/pipeline/data_status.h"

#include "engine/pipeline/av.h"

namespace millrace::engine {

Status data_status(int error, std::string_view what) {
  const Status status = av_status(error, what);
  const bool of_the_data =
      status.code() == Code::internal || status.code() == Code::io_error || error == AVERROR(EPERM);
  if (!of_the_data) return status;
  return Status(Code::corrupt_input, status.message() + "; it is damaged: upload or record it again");
}

}  // namespace millrace::engine
