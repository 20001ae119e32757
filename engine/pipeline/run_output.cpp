// run_output: which kind of output it is says who makes it.
#include <fmt/format.h>

#include "engine/pipeline/file_join.h"
#include "engine/pipeline/file_one_go.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/run_task.h"
#include "engine/pipeline/stills.h"
#include "engine/pipeline/subtitles.h"

namespace millrace::engine {

Result<TaskEnd> run_output(const OutputTask& task, TaskObserver& observer, std::stop_token stop) {
  init_media_log();
  const Plan& plan = task.plan;
  if (task.output >= plan.outputs.size() + plan.subtitles.size())
    return Status(Code::invalid_argument,
                  fmt::format("{}: the plan has no output {}", plan.source.url, task.output));
  if (task.output >= plan.outputs.size()) return run_subtitles(task, observer, std::move(stop));
  const PlannedOutput& output = plan.outputs[task.output];
  switch (output.type) {
    case PlannedOutput::Type::thumbnails:
    case PlannedOutput::Type::sprites:
      return run_stills(task, observer, std::move(stop));
    case PlannedOutput::Type::file:
    case PlannedOutput::Type::audio:
      if (output.in_one_go) return run_one_go(task, observer, std::move(stop));
      return run_join(task, observer, std::move(stop));
    case PlannedOutput::Type::adaptive:
      break;
  }
  return Status(Code::invalid_argument,
                fmt::format("{}: an adaptive output is made of its tracks' segments", output.name));
}

}  // namespace millrace::engine
