// The inventory as JSON: what `millrace probe --json` and GET /v1/hardware show. Field names are stable.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "hw/inventory.h"

namespace millrace::hw {

// {"os", "kernel",
//  "cpu": {"vendor", "model", "physical_cores", "logical_cores", "allowed_cores", "quota_cores" (null: no
//  limit),
//          "usable_cores", "simd": [...]},
//  "memory": {"total_bytes", "available_bytes", "limit_bytes" (null: no limit), "usable_bytes"},
//  "gpus": [{"vendor", "name", "index", "memory_bytes", "driver", "engines": {"decode", "encode"}, ... as
//  GpuFacts}],
//  "confinement": {"landlock", "seccomp"},
//  "absences": [{"what", "note"}]}
nlohmann::ordered_json to_json(const Inventory& inventory);

// The inventory of such a document; what else is in it is passed over. Nothing for any other text.
std::optional<Inventory> inventory_of(std::string_view text);

}  // namespace millrace::hw
