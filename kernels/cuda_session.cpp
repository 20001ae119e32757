#include "kernels/cuda_session.h"

#include <fmt/format.h>

#include <array>

namespace millrace::kernels {

CudaSession::Made CudaSession::open(const CudaDriver& driver, int ordinal) {
  if (!driver.note.empty()) return {nullptr, driver.note};
  std::unique_ptr<CudaSession> session(new CudaSession(driver));
  const std::string trouble = session->start(ordinal);
  if (trouble.empty()) return {std::move(session), {}};
  return {nullptr,
          fmt::format("CUDA device {} does not open: {}; check it with nvidia-smi", ordinal, trouble)};
}

std::string CudaSession::start(int ordinal) {
  if (const CudaResult error = driver_.device_get(&device_, ordinal); error != kCudaSuccess)
    return driver_.text_of(error);
  std::array<char, 128> name{};
  if (driver_.device_name(name.data(), static_cast<int>(name.size()), device_) == kCudaSuccess)
    device_name_ = name.data();
  // FFmpeg's own CUDA contexts ask for these flags; refused where the context is in use with others, and then
  // kept.
  static_cast<void>(driver_.primary_set_flags(device_, kCudaBlockingSync));
  if (const CudaResult error = driver_.primary_retain(&context_, device_); error != kCudaSuccess) {
    context_ = nullptr;
    return driver_.text_of(error);
  }
  if (const CudaResult error = driver_.context_push(context_); error != kCudaSuccess)
    return driver_.text_of(error);
  pushed_ = true;
  if (const CudaResult error = driver_.stream_create(&stream_, kCudaNonBlocking); error != kCudaSuccess) {
    stream_ = nullptr;
    return driver_.text_of(error);
  }
  return {};
}

CudaSession::~CudaSession() {
  if (stream_ != nullptr) driver_.stream_destroy(stream_);
  CudaHandle popped = nullptr;
  if (pushed_) driver_.context_pop(&popped);
  if (context_ != nullptr) driver_.primary_release(device_);
}

std::string CudaSession::wait() const {
  const CudaResult error = driver_.stream_synchronize(stream_);
  return error == kCudaSuccess ? std::string() : driver_.text_of(error);
}

CudaCurrent::CudaCurrent(const CudaSession& session) : driver_(session.driver()) {
  // Whatever comes next fails where this does, and tells why.
  static_cast<void>(driver_.context_push(session.context()));
}

CudaCurrent::~CudaCurrent() {
  CudaHandle popped = nullptr;
  driver_.context_pop(&popped);
}

CudaMemory::CudaMemory(const CudaSession& session, std::size_t bytes) : driver_(session.driver()) {
  if (driver_.memory_allocate(&address_, bytes) != kCudaSuccess) address_ = 0;
}

CudaMemory::CudaMemory(const CudaSession& session, std::span<const std::byte> bytes)
    : CudaMemory(session, bytes.size()) {
  // A copy out of ordinary memory may return while its last part is still on the way (CUDA Driver API, "API
  // synchronization behavior"), and streams of our own do not wait for the default one, which carries it.
  const auto is_there = [&] {
    return driver_.copy_to_device(address_, bytes.data(), bytes.size()) == kCudaSuccess &&
           driver_.stream_synchronize(nullptr) == kCudaSuccess;
  };
  if (address_ == 0 || is_there()) return;
  driver_.memory_free(address_);
  address_ = 0;
}

CudaMemory::~CudaMemory() {
  if (address_ != 0) driver_.memory_free(address_);
}

std::string CudaMemory::copy_to(std::span<std::byte> bytes) const {
  const CudaResult error = driver_.copy_to_host(bytes.data(), address_, bytes.size());
  return error == kCudaSuccess ? std::string() : driver_.text_of(error);
}

}  // namespace millrace::kernels
