#include "bench/file_url.h"

#include <fmt/format.h>

#include <string_view>

namespace millrace::bench {

std::string file_url(const std::filesystem::path& path) {
  std::string url = "file://";
  for (const char letter : path.string()) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') ||
                       std::string_view("/-._~").find(letter) != std::string_view::npos;
    if (plain)
      url += letter;
    else
      url += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
  }
  return url;
}

}  // namespace millrace::bench
