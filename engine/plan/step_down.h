// A plan made more careful, rung by rung, after a stage failed on its device or workers have died of it.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "engine/plan/plan.h"
#include "engine/plan/stage.h"

namespace millrace::engine {

// How much more careful than its plan a task is made.
struct Care {
  Stages on_cpu;  // that the plan has on a device
  bool one_thread = false;
  Stages blamed;  // failed by name: these do not go back to a device
  bool operator==(const Care&) const = default;
};

struct CareStep {
  Care care;
  std::string sentence;  // what it changed: "encodes on cpu instead of cuda:0"
};

// The next rung below `care`: everything on a device -> encode on the CPU -> decode on the CPU, encode on the
// device again -> all on the CPU -> decode on one thread; of these, the first that changes something and has
// all blamed stages on the CPU, `blamed` among them. None: there is none below. `output`: the number of the
// output that the task makes, which is made on the CPU alone; none: it makes pictures of ranges.
std::optional<CareStep> more_careful(const Plan& plan, std::optional<std::size_t> output, const Care& care,
                                     std::optional<Stage> blamed = std::nullopt);

// Makes the plan of a task as careful as that. On the CPU, what it makes stays the same to the byte: encoders
// keep their threads, for segments of several tries are joined under one header. A rendition whose encoder
// may be another than its first segments' is marked (PlannedRendition::stepped_down).
void take_care(Plan& plan, std::optional<std::size_t> output, const Care& care);

}  // namespace millrace::engine
