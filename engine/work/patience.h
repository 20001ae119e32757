// How long a worker may go without getting anything done before it is taken for stuck. Pure.
#pragma once

#include <chrono>

#include "engine/work/protocol.h"

namespace millrace::engine {

// `least`, and more where a library may honestly be silent for longer: while an encoder looks ahead over
// large pictures at a slow preset, while the index of a large file is moved to its front. Never more than an
// hour more.
std::chrono::milliseconds patience_of(const Task& task, std::chrono::milliseconds least);

}  // namespace millrace::engine
