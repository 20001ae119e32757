// ByteStream lets libavformat read SourceBytes, and keeps why that failed: demuxers forget it. One thread at
// a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/pipeline/av.h"
#include "engine/pipeline/source_bytes.h"

namespace millrace::engine {

class ByteStream {
 public:
  explicit ByteStream(std::unique_ptr<SourceBytes> bytes);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // From the beginning again, with an empty buffer. Whoever reads the context of before must be gone.
  Status rewind();
  AVIOContext* io() { return io_; }  // until the next rewind
  // The first failure since the last rewind; ok while there is none.
  const Status& status() const { return status_; }

  // The first bytes, 8 at most.
  const std::string& head() const { return head_; }

  // The bytes between two places, of the newest 4 MiB; empty when the first ones are gone.
  std::vector<std::uint8_t> remembered(std::int64_t from, std::int64_t to) const;

 private:
  static int read(void* self, std::uint8_t* to, int wanted);
  static std::int64_t seek(void* self, std::int64_t to, int whence);
  int read(std::uint8_t* to, int wanted);
  void free_io();

  const std::unique_ptr<SourceBytes> bytes_;
  AVIOContext* io_ = nullptr;
  std::int64_t position_ = 0;
  Status status_;
  std::string head_;
  std::string kept_;  // the bytes before position_
};

}  // namespace millrace::engine
