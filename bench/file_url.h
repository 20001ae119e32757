// The file: URL of a path, for specs. Pure.
#pragma once

#include <filesystem>
#include <string>

namespace millrace::bench {

// Of an absolute path; bytes that mean something in a URL are written as %XX.
std::string file_url(const std::filesystem::path& path);

}  // namespace millrace::bench
