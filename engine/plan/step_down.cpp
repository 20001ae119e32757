#include "engine/plan/step_down.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::engine {

// There is one rung as long as everything runs on CPU cores: a decoder with many threads holds as many
// pictures in memory, and is where a damaged source brings threads to wait for one another.
std::string step_down(Plan& plan, int rungs) {
  int most = plan.decoder_threads;
  for (const PlannedOutput& output : plan.outputs) most = std::max(most, output.stills.threads);
  if (rungs != 1 || most <= 1) return {};
  plan.decoder_threads = 1;
  for (PlannedOutput& output : plan.outputs) output.stills.threads = 1;
  return fmt::format("decodes on 1 thread instead of {}", most);
}

}  // namespace millrace::engine
