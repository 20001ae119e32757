// CudaSession: a device's primary context with a stream of its own, and memory on that device.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "kernels/cuda_driver.h"

namespace millrace::kernels {

// For one thread, which has the context current from the making to the end. Sessions of one device share the
// context: it is retained, never reset.
class CudaSession {
 public:
  struct Made;
  // Opens device number `ordinal`. `driver` outlives the session. Blocks up to seconds.
  static Made open(const CudaDriver& driver, int ordinal);
  ~CudaSession();
  CudaSession(const CudaSession&) = delete;
  CudaSession& operator=(const CudaSession&) = delete;

  const CudaDriver& driver() const { return driver_; }
  CudaHandle context() const { return context_; }
  CudaHandle stream() const { return stream_; }
  const std::string& device_name() const { return device_name_; }
  // Waits until all that was queued is done. What failed on the device since; empty when nothing did.
  std::string wait() const;

 private:
  explicit CudaSession(const CudaDriver& driver) : driver_(driver) {}
  std::string start(int ordinal);

  const CudaDriver& driver_;
  CudaDevice device_ = 0;
  CudaHandle context_ = nullptr;
  CudaHandle stream_ = nullptr;
  bool pushed_ = false;
  std::string device_name_;
};

struct CudaSession::Made {
  std::unique_ptr<CudaSession> session;  // null: see note
  std::string note;
};

// The session's context current on this thread, another one than the session's own, until the end of a scope.
class CudaCurrent {
 public:
  explicit CudaCurrent(const CudaSession& session);
  ~CudaCurrent();
  CudaCurrent(const CudaCurrent&) = delete;
  CudaCurrent& operator=(const CudaCurrent&) = delete;

 private:
  const CudaDriver& driver_;
};

// Memory on a session's device; given back at the end, before the session's. Empty where there was no room.
class CudaMemory {
 public:
  CudaMemory(const CudaSession& session, std::size_t bytes);
  // With a copy of `bytes`, made when this returns.
  CudaMemory(const CudaSession& session, std::span<const std::byte> bytes);
  ~CudaMemory();
  CudaMemory(const CudaMemory&) = delete;
  CudaMemory& operator=(const CudaMemory&) = delete;

  // Not to be read on the host.
  std::byte* address() const { return reinterpret_cast<std::byte*>(address_); }
  // Copies back into `bytes`. Queued work of other streams is not waited for. What failed; empty when nothing
  // did.
  std::string copy_to(std::span<std::byte> bytes) const;

 private:
  const CudaDriver& driver_;
  CudaAddress address_ = 0;
};

}  // namespace millrace::kernels
