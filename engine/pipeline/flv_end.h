// last_flv_time reads when an FLV file's last tag is shown: the one place where such a file says how long it
// is without being read whole.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/pipeline/av.h"

namespace millrace::engine {

// Seconds on the file's clock. Nothing where the file does not end with a whole tag of pictures or sound, or
// cannot seek. `size_bytes`: of the file. Leaves `io` where it was; one thread, blocks on the disk or the
// network.
std::optional<double> last_flv_time(AVIOContext& io, std::int64_t size_bytes);

}  // namespace millrace::engine
