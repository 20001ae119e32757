// Sha256: the digest of bytes, of a file or of a stream. One object per thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/base/status.h"

struct evp_md_ctx_st;

namespace millrace::engine {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(const void* data, std::size_t size);
  // The digest as 64 lower-case hexadecimal digits; the object is used up.
  std::string finish();

 private:
  struct Deleter {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Deleter> context_;
};

std::string sha256_of(std::string_view bytes);
// cancelled after a stop, which is looked for before each block.
Result<std::string> sha256_of_file(const std::filesystem::path& path, const std::stop_token& stop = {});

// Bytes from the system's random source.
std::string random_hex(std::size_t bytes);

// Takes the same time whatever the contents are, for secrets.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace millrace::engine
