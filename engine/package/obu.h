// OBUs, the units of an AV1 stream (AV1 specification §5.3), in the low-overhead form that encoders give and
// MP4 stores. Pure functions over bytes that may hold anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

struct ObuView {
  int type = 0;
  std::string_view payload;
  std::string_view whole;  // with its header
};

// The OBUs that fill `bytes` exactly. internal when one runs past the end or does not say its size.
Result<std::vector<ObuView>> obus_in(std::string_view bytes);

// Whether it is a frame, or the header of one whose tiles follow.
bool begins_frame(const ObuView& obu);

// A temporal unit as MP4 stores it: without its temporal delimiter (AV1 in ISOBMFF §2.4). What are no OBUs
// stay as they are.
std::string without_temporal_delimiters(std::string_view temporal_unit);

// The first frame of a temporal unit is a key frame that is shown, with its sequence header before it.
bool opens_with_key_frame(std::string_view temporal_unit);

}  // namespace millrace::engine
