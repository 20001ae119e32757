#include "engine/base/version.h"

namespace millrace::engine {

std::string_view version() { return MILLRACE_VERSION; }

}  // namespace millrace::engine
