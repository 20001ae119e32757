// MemoryBytes: a text or file that is in memory already, as SourceBytes.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "engine/pipeline/source_bytes.h"

namespace millrace::engine {

class MemoryBytes final : public SourceBytes {
 public:
  explicit MemoryBytes(std::string bytes) : bytes_(std::move(bytes)) {}

  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size() - position_);
    std::memcpy(into.data(), bytes_.data() + position_, count);
    position_ += count;
    return count;
  }
  Status seek(std::int64_t position) override {
    position_ = std::min(static_cast<std::size_t>(position), bytes_.size());
    return {};
  }
  bool can_seek() const override { return true; }
  std::int64_t size() const override { return static_cast<std::int64_t>(bytes_.size()); }

 private:
  const std::string bytes_;
  std::size_t position_ = 0;
};

}  // namespace millrace::engine
