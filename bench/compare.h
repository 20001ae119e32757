// Two reports of one kind side by side. Pure but for reading them.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/base/status.h"

namespace millrace::bench {

// The figures of both summaries with B over A, then what differs in what was measured and on what.
// corrupt_input for a document without a kind and a summary, invalid_argument for two kinds.
engine::Result<std::string> comparison_text(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b);

// The same of two files, with their names.
engine::Result<std::string> compare_files(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace millrace::bench
