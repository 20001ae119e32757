#include "engine/schedule/error_class.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace millrace::engine {
namespace {

using std::chrono::milliseconds;

// In the order of the enum.
constexpr std::array kTreatments{
    Treatment{ErrorClass::stopped, 1, 0, milliseconds(0), milliseconds(0)},
    Treatment{ErrorClass::bad_input, 1, 0, milliseconds(0), milliseconds(0)},
    Treatment{ErrorClass::transient, 5, 0, milliseconds(1'000), milliseconds(60'000)},
    Treatment{ErrorClass::lost, 3, 2, milliseconds(0), milliseconds(0)},
    Treatment{ErrorClass::killed, 10, 0, milliseconds(50), milliseconds(10'000)},
    Treatment{ErrorClass::no_memory, 3, 2, milliseconds(1'000), milliseconds(4'000)},
    Treatment{ErrorClass::no_capacity, 1, 0, milliseconds(0), milliseconds(0)},
    Treatment{ErrorClass::bug, 1, 0, milliseconds(0), milliseconds(0)},
};
constexpr std::array<std::string_view, kTreatments.size()> kNames{
    "stopped", "bad_input", "transient", "lost", "killed", "no_memory", "no_capacity", "bug"};

}  // namespace

std::string_view name_of(ErrorClass error_class) { return kNames[static_cast<std::size_t>(error_class)]; }

ErrorClass class_of(Code code) {
  switch (code) {
    case Code::ok:
    case Code::internal:
      return ErrorClass::bug;
    case Code::cancelled:
      return ErrorClass::stopped;
    case Code::invalid_argument:
    case Code::not_found:
    case Code::already_exists:
    case Code::unsupported:
    case Code::corrupt_input:
      return ErrorClass::bad_input;
    case Code::resource_exhausted:
      return ErrorClass::no_capacity;
    case Code::io_error:
      return ErrorClass::transient;
    case Code::device_lost:
      return ErrorClass::lost;
    case Code::worker_killed:
      return ErrorClass::killed;
    case Code::out_of_memory:
      return ErrorClass::no_memory;
  }
  return ErrorClass::bug;
}

const Treatment& treatment_of(ErrorClass error_class) {
  const Treatment& treatment = kTreatments[static_cast<std::size_t>(error_class)];
  assert(treatment.error_class == error_class);
  return treatment;
}

milliseconds wait_after(const Treatment& treatment, int in_a_row) {
  milliseconds wait = treatment.first_wait;
  for (int failure = 1; failure < in_a_row && wait < treatment.longest_wait; ++failure) wait *= 2;
  return std::min(wait, treatment.longest_wait);
}

}  // namespace millrace::engine
