#include "engine/pipeline/byte_stream.h"

#include <algorithm>
#include <new>

extern "C" {
#include <libavformat/avio.h>
#include <libavutil/mem.h>
}

namespace millrace::engine {
namespace {

constexpr int kBuffer = 64 << 10;
constexpr std::size_t kKept = 4 << 20;

}  // namespace

ByteStream::ByteStream(std::unique_ptr<SourceBytes> bytes) : bytes_(std::move(bytes)) {}

ByteStream::~ByteStream() { free_io(); }

void ByteStream::free_io() {
  if (io_ == nullptr) return;
  av_freep(&io_->buffer);
  avio_context_free(&io_);
}

Status ByteStream::rewind() {
  free_io();
  status_ = bytes_->seek(0);
  if (!status_.ok()) return status_;
  position_ = 0;
  kept_.clear();
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBuffer));
  if (buffer == nullptr) throw std::bad_alloc();
  io_ = avio_alloc_context(buffer, kBuffer, 0, this, read, nullptr, seek);
  if (io_ == nullptr) throw std::bad_alloc();
  io_->seekable = bytes_->can_seek() ? AVIO_SEEKABLE_NORMAL : 0;
  return {};
}

int ByteStream::read(std::uint8_t* to, int wanted) {
  if (!status_.ok()) return AVERROR(EIO);
  const auto count = bytes_->read({reinterpret_cast<char*>(to), static_cast<std::size_t>(wanted)});
  if (!count.ok()) {
    status_ = count.status();
    return status_.code() == Code::cancelled ? AVERROR_EXIT : AVERROR(EIO);
  }
  if (*count == 0) return AVERROR_EOF;
  if (position_ == 0) head_.assign(reinterpret_cast<const char*>(to), std::min<std::size_t>(*count, 8));
  position_ += static_cast<std::int64_t>(*count);
  kept_.append(reinterpret_cast<const char*>(to), *count);
  if (kept_.size() > 2 * kKept) kept_.erase(0, kept_.size() - kKept);
  return static_cast<int>(*count);
}

int ByteStream::read(void* self, std::uint8_t* to, int wanted) {
  return static_cast<ByteStream*>(self)->read(to, wanted);
}

std::int64_t ByteStream::seek(void* self, std::int64_t to, int whence) {
  ByteStream& stream = *static_cast<ByteStream*>(self);
  const std::int64_t size = stream.bytes_->size();
  whence &= ~AVSEEK_FORCE;
  if (whence == AVSEEK_SIZE || whence == SEEK_END) {
    if (size <= 0) return AVERROR(ENOSYS);
    if (whence == AVSEEK_SIZE) return size;
    to += size;
  }
  if (whence == SEEK_CUR) to += stream.position_;
  if (to == stream.position_) return to;
  if (to < 0 || !stream.bytes_->can_seek()) return AVERROR(EINVAL);
  if (Status status = stream.bytes_->seek(to); !status.ok()) {
    if (stream.status_.ok()) stream.status_ = status;
    return AVERROR(EIO);
  }
  stream.kept_.clear();
  return stream.position_ = to;
}

std::vector<std::uint8_t> ByteStream::remembered(std::int64_t from, std::int64_t to) const {
  const std::int64_t begin = position_ - static_cast<std::int64_t>(kept_.size());
  to = std::min(to, position_);
  if (from < begin || to <= from) return {};
  return {kept_.begin() + (from - begin), kept_.begin() + (to - begin)};
}

}  // namespace millrace::engine
