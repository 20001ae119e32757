// The inventory for a person to read: what `millrace probe` prints.
#pragma once

#include <cstdint>
#include <string>

#include "hw/inventory.h"

namespace millrace::hw {

// "512 MiB", "23.5 GiB": one decimal from GiB upwards.
std::string bytes_text(std::uint64_t bytes);

// Lines of "name  fact", each ended by a newline.
std::string to_text(const Inventory& inventory);

}  // namespace millrace::hw
