#include "engine/plan/step_down.h"

#include <fmt/format.h>

#include <utility>

namespace millrace::engine {
namespace {

int& decoding_threads(Plan& plan, std::optional<std::size_t> output) {
  if (output && *output < plan.outputs.size()) {
    PlannedOutput& made = plan.outputs[*output];
    if (made.type == PlannedOutput::Type::thumbnails || made.type == PlannedOutput::Type::sprites)
      return made.stills.threads;
  }
  return plan.decoder_threads;
}

}  // namespace

// There is one rung as long as everything runs on CPU cores: a decoder with many threads holds as many
// pictures in memory, and is where a damaged source brings threads to wait for one another.
std::string step_down(Plan& plan, std::optional<std::size_t> output, int rungs) {
  int& threads = decoding_threads(plan, output);
  if (rungs != 1 || threads <= 1) return {};
  return fmt::format("decodes on 1 thread instead of {}", std::exchange(threads, 1));
}

}  // namespace millrace::engine
